// How the HTML report looks.

/// The style sheet of the HTML report.
enum HTMLStyle {
  static let sheet: HTMLText = """
    :root { color-scheme: light dark;
      --page: #fff; --panel: #f5f6f8; --text: #1b1f24; --soft: #5a636e; --line: #d8dde3; --deny: #c0272d; --warn: #e3a008;
      --allow: #3b82b8; --warn-text: #7a5200; --allow-text: #1f5f8b; --caution: #fff6dd; }
    @media (prefers-color-scheme: dark) { :root {
      --page: #14171b; --panel: #1d2127; --text: #e6e9ed; --soft: #a2abb6; --line: #363d46; --deny: #f0686c;
      --warn: #e8b339; --allow: #6fb1e0; --warn-text: #f0c766; --allow-text: #93c7ec; --caution: #33290f; } }
    * { box-sizing: border-box; }
    body { margin: 0; background: var(--page); color: var(--text);
      font: 15px/1.5 system-ui, "Segoe UI", Roboto, "Helvetica Neue", Arial, sans-serif; }
    main { max-width: 78rem; margin: 0 auto; padding: 2rem 1.5rem 4rem; }
    h1 { font-size: 1.7rem; line-height: 1.2; margin: 0 0 .3rem; }
    h2 { font-size: 1.2rem; margin: 2.5rem 0 .8rem; padding-bottom: .3rem; border-bottom: 1px solid var(--line); }
    p { max-width: 60rem; margin: .5rem 0; }
    .soft { color: var(--soft); max-width: none; }
    .lead { font-size: 1.1rem; margin-top: 1.2rem; }
    .caution { background: var(--caution); border-left: 4px solid var(--warn); padding: .7rem 1rem; max-width: none; }
    dl.numbers { display: grid; grid-template-columns: repeat(5, 1fr); gap: .8rem; margin: 1.2rem 0; }
    @media (max-width: 50rem) { dl.numbers { grid-template-columns: repeat(auto-fit, minmax(8.5rem, 1fr)); } }
    dl.numbers div { background: var(--panel); border-radius: 8px; padding: .7rem 1rem; display: flex;
      flex-direction: column-reverse; justify-content: flex-end; }
    dl.numbers dt { color: var(--soft); font-size: .85rem; }
    dl.numbers dd { margin: 0; font-size: 1.6rem; line-height: 1.25; font-variant-numeric: tabular-nums; }
    .legend { color: var(--soft); font-size: .9rem; }
    .key { display: inline-block; width: .8em; height: .8em; border-radius: 2px; margin: 0 .35em 0 1em; }
    .key:first-child { margin-left: 0; }
    .key.deny { background: var(--deny); } .key.warn { background: var(--warn); } .key.allow { background: var(--allow); }
    rect.deny { fill: var(--deny); } rect.warn { fill: var(--warn); } rect.allow { fill: var(--allow); }
    .grid { stroke: var(--line); fill: none; vector-effect: non-scaling-stroke; }
    .timeline { display: grid; grid-template-columns: max-content 1fr; gap: .3rem .6rem; }
    .timeline svg { width: 100%; height: 11rem; overflow: visible; }
    .scale { display: flex; flex-direction: column; justify-content: space-between; text-align: right; line-height: 1;
      margin: -.4em 0; font-size: .8rem; color: var(--soft); font-variant-numeric: tabular-nums; }
    .dates { grid-column: 2; display: flex; justify-content: space-between; font-size: .8rem; color: var(--soft); }
    .tops { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(24rem, 100%), 1fr)); gap: 1.8rem 3rem;
      margin-top: 1.8rem; align-items: start; }
    table { border-collapse: collapse; }
    caption { text-align: left; font-weight: 600; padding-bottom: .4rem; }
    caption small { font-weight: 400; color: var(--soft); font-size: inherit; }
    .top { width: 100%; table-layout: fixed; }
    .top th { font-weight: 400; text-align: left; overflow-wrap: anywhere; padding: .15rem .6rem .15rem 0; width: 58%;
      line-height: 1.3; }
    .top .bar svg { display: block; width: 100%; height: .85rem; }
    .top .number { width: 4rem; text-align: right; padding-left: .6rem; font-variant-numeric: tabular-nums; }
    .unseen th { height: 0; padding: 0 !important; line-height: 0 !important; font-size: 0; }
    .unseen th:nth-child(2) { width: auto; }
    .unseen th:last-child { width: 4rem; }
    .wide { overflow-x: auto; border: 1px solid var(--line); border-radius: 8px; }
    .list { font-size: .85rem; width: 100%; }
    .list caption { padding: .6rem .8rem; }
    .list th, .list td { text-align: left; vertical-align: top; padding: .35rem .7rem; border-top: 1px solid var(--line); }
    .list th { background: var(--panel); font-weight: 600; white-space: nowrap; }
    .list td { min-width: 16rem; max-width: 26rem; overflow-wrap: anywhere; }
    .list .short { min-width: 0; white-space: nowrap; }
    .list .number { text-align: right; font-variant-numeric: tabular-nums; }
    .verdict { font-weight: 600; }
    .verdict.deny { color: var(--deny); } .verdict.warn { color: var(--warn-text); }
    .verdict.allow { color: var(--allow-text); }
    pre { background: var(--panel); border-radius: 8px; padding: .8rem 1rem; overflow-x: auto; font-size: .85rem; }
    @media print { main { max-width: none; padding: 0; } .wide { overflow: visible; } }

    """
}
