// The style of the risk page: light and dark, wide and narrow.

/// The style of the risk page: light and dark, wide and narrow.
enum RiskPageStyle {
  /// As it stands in the page.
  static let text = ##"""
    /* Two palettes, one set of names. Ink and soft are for text: both reach 4.5:1 on page, card and hover. */
    :root {
      color-scheme: light dark;
      --page: #f3f5f7; --card: #ffffff; --hover: #f6f8fa; --ink: #15202b; --soft: #4e5c69;
      --line: #dde3e8; --edge: #c3ccd5; --rail: #e6ebef; --score: #0d6078; --focus: #0a6fb8;
      --allow: #93a3b3; --warn: #d98e04; --deny: #b3173b;
      --medium: #c98a0a; --high: #d1490c; --critical: #a60f36;
      --medium-text: #6b4600; --medium-tint: #fbf0d6; --high-text: #8f2e02; --high-tint: #fde6da;
      --critical-text: #ffffff; --critical-tint: #a60f36;
      --sans: system-ui, -apple-system, "Segoe UI", Roboto, "Helvetica Neue", Arial, sans-serif;
      --mono: ui-monospace, "SF Mono", "Cascadia Mono", Menlo, Consolas, "DejaVu Sans Mono", monospace;
    }
    @media screen and (prefers-color-scheme: dark) {
      :root {
        --page: #0d1217; --card: #141b22; --hover: #19222b; --ink: #e3e9ef; --soft: #9dabb8;
        --line: #242f39; --edge: #3a4855; --rail: #222d37; --score: #4fb0cb; --focus: #6cbcf5;
        --allow: #5d7185; --warn: #dba033; --deny: #f0617c;
        --medium: #d9a441; --high: #f08650; --critical: #f0506f;
        --medium-text: #f0cd8a; --medium-tint: #33280f; --high-text: #fbb592; --high-tint: #3d2113;
        --critical-text: #25030b; --critical-tint: #f7768f;
      }
    }

    *, ::before, ::after { box-sizing: border-box; }
    html { overflow-anchor: none; scroll-padding-top: 3.5rem; -webkit-text-size-adjust: 100%; text-size-adjust: 100%; }
    body {
      margin: 0; background: var(--page); color: var(--ink);
      font: 0.875rem/1.5 var(--sans); font-variant-numeric: tabular-nums;
    }
    /* A browser may show what it has read so far; nothing is to be seen before all of it is in its place. */
    @media (scripting: enabled) { html:not(.drawn) body { visibility: hidden; } }
    h1, h2, h3, p, dl, dd, ul, table { margin: 0; padding: 0; }
    h1, h2, h3, b { font-weight: 600; }
    ul { list-style: none; }
    bdi, td, th, h3, dd { overflow-wrap: anywhere; }
    a { color: inherit; }
    button, input, select { font: inherit; color: inherit; }
    time { white-space: nowrap; }
    small { display: block; font-size: 0.8125rem; color: var(--soft); }
    code { font: 0.92em/1.45 var(--mono); }
    [hidden] { display: none !important; }
    :focus-visible { outline: 2px solid var(--focus); outline-offset: 2px; border-radius: 3px; }
    main:focus { outline: none; }
    .wide { max-width: 76rem; margin-inline: auto; padding-inline: clamp(1rem, 3.5vw, 2.5rem); }
    .soft { color: var(--soft); }
    .number { text-align: right; white-space: nowrap; }
    .unheard { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); white-space: nowrap; }
    .skip { position: absolute; left: 1rem; top: -4rem; z-index: 9; padding: 0.5rem 0.75rem; background: var(--card); }
    .skip:focus { top: 0.5rem; }

    /* Masthead */
    .masthead { border-bottom: 1px solid var(--line); background: var(--card); }
    .top { display: flex; flex-wrap: wrap; align-items: center; gap: 0.25rem 2rem; padding-block: 0.75rem; }
    h1 { display: flex; align-items: center; gap: 0.5rem; font-size: 1.0625rem; letter-spacing: -0.01em; }
    h1 svg { width: 1.375rem; height: 1.375rem; color: var(--score); }
    h1 .topic { padding-left: 0.5rem; border-left: 1px solid var(--edge); font-weight: 400; color: var(--soft); }
    nav ul { display: flex; flex-wrap: wrap; gap: 0 1.25rem; }
    nav a { display: block; padding-block: 0.25rem; color: var(--soft); text-decoration: none; }
    nav a:hover { color: var(--ink); text-decoration: underline; text-underline-offset: 0.3em; }
    .live:not(:empty) { display: flex; align-items: center; gap: 0.5rem; margin-left: auto; color: var(--soft); }
    .live:not(:empty)::before { content: ""; width: 0.5rem; height: 0.5rem; border-radius: 50%; background: var(--score); }
    .live.lost { color: var(--ink); font-weight: 600; }
    .live.lost::before { background: var(--deny); border-radius: 0; }

    .period { display: flex; flex-wrap: wrap; gap: 0 1.5rem; padding-bottom: 0.75rem; font-size: 0.8125rem; }
    .period div { display: flex; flex-wrap: wrap; gap: 0 0.375rem; }
    .period dt { color: var(--soft); }

    /* What matters first: the verdict and the numbers */
    #verdict { font-size: clamp(1.75rem, 1.3rem + 1.8vw, 2.5rem); line-height: 1.15; letter-spacing: -0.025em; }
    #lead { margin-top: 0.375rem; font-size: 1rem; color: var(--soft); overflow-wrap: anywhere; }
    #lead b { color: var(--ink); }
    .tiles { display: grid; grid-template-columns: 1.3fr 1fr 1.15fr repeat(3, 1fr); margin-top: 1.75rem; overflow: hidden; }
    .tiles, .panel, .incident { border: 1px solid var(--line); border-radius: 8px; background: var(--card); }
    .tiles > div { display: grid; grid-template-rows: auto 3.125rem auto; align-content: start; }
    .tiles > div { padding: 0.875rem 1.125rem; box-shadow: -1px -1px 0 var(--line); }
    .tiles dt { color: var(--soft); }
    .tiles .value { align-self: end; font-size: 1.625rem; font-weight: 600; line-height: 1.3; letter-spacing: -0.02em; }
    .tiles > :first-child .value { font-size: 2.625rem; line-height: 1.1; color: var(--score); }
    .tiles .note { min-height: 1.25em; font-size: 0.8125rem; color: var(--soft); }

    section { padding-top: 2.75rem; }
    main > section:first-of-type { padding-top: 2rem; }
    .section-head { display: flex; flex-wrap: wrap; align-items: baseline; gap: 0 1rem; margin-bottom: 0.875rem; }
    .section-head h2 { font-size: 1.25rem; letter-spacing: -0.015em; }
    .section-head p { color: var(--soft); }
    .empty { padding: 1.5rem 1.25rem; border: 1px dashed var(--edge); border-radius: 8px; color: var(--soft); }
    .empty b { display: block; color: var(--ink); }
    .more { margin-top: 0.75rem; padding: 0.375rem 0.875rem; border: 1px solid var(--edge); border-radius: 6px; }
    .more { background: var(--card); cursor: pointer; }
    .more:hover { background: var(--hover); border-color: var(--soft); }
    @media screen { .folded { display: none !important; } }

    /* Incidents. The score runs along a rail; the fence is the threshold, at the same place on every card. */
    #incidents-list { display: grid; gap: 0.75rem; }
    .incident { --severity: var(--medium); }
    [data-severity="high"] { --severity: var(--high); }
    [data-severity="critical"] { --severity: var(--critical); }
    .incident-head { display: grid; grid-template-columns: minmax(0, 1.15fr) minmax(0, 1fr) minmax(4.5rem, auto); }
    .incident-head { gap: 0 2rem; padding: 1rem 1.25rem 0; }
    .incident .rule { display: flex; flex-wrap: wrap; align-items: center; gap: 0.25rem 0.625rem; color: var(--soft); }
    .incident h3 { margin-top: 0.25rem; font-size: 1.1875rem; line-height: 1.3; letter-spacing: -0.01em; }
    .incident h3 small { display: inline; font-weight: 400; letter-spacing: 0; }
    .incident { --fence: calc(100% / var(--scale)); }
    .severity { padding: 0 0.5rem; border-radius: 4px; font-size: 0.8125rem; font-weight: 600; line-height: 1.5rem; }
    .severity { text-transform: capitalize; }
    .severity { background: var(--medium-tint); color: var(--medium-text); }
    [data-severity="high"] .severity { background: var(--high-tint); color: var(--high-text); }
    [data-severity="critical"] .severity { background: var(--critical-tint); color: var(--critical-text); }
    .points { text-align: right; line-height: 1.2; }
    .points b { display: block; font-size: 2rem; line-height: 1.1; letter-spacing: -0.03em; }
    .meter { position: relative; align-self: stretch; min-height: 3.25rem; }
    .meter i { position: absolute; top: 50%; height: 0.625rem; margin-top: -0.3125rem; }
    .meter .rail { inset-inline: 0; background: var(--rail); border-radius: 2px; }
    .meter .under { left: 0; width: calc(min(1, var(--ratio)) * var(--fence)); background: var(--edge); }
    .meter .over { left: var(--fence); width: calc(max(0, var(--ratio) - 1) * var(--fence)); background: var(--severity); }
    .meter .fence { left: var(--fence); top: 0.25rem; bottom: 0.25rem; width: 2px; height: auto; margin: 0 0 0 -1px; }
    .meter .fence { background: var(--ink); }
    .meter .sign { position: absolute; left: var(--fence); top: 0; padding-left: 0.4375rem; color: var(--soft); }
    .meter .sign { font-size: 0.75rem; line-height: 1.2; white-space: nowrap; }
    .facts { display: grid; grid-template-columns: 1.3fr 0.9fr 1.3fr 1.5fr; gap: 0.5rem 2rem; }
    .facts { padding: 0.75rem 1.25rem 1rem; }
    .facts dt { font-size: 0.8125rem; color: var(--soft); }
    details { border-top: 1px solid var(--line); }
    summary { padding: 0.625rem 1.25rem; cursor: pointer; border-radius: 0 0 7px 7px; }
    summary:hover { background: var(--hover); }
    summary:focus-visible { outline-offset: -3px; border-radius: 7px; }
    details[open] > summary { border-bottom: 1px solid var(--line); border-radius: 0; }

    /* Tables: fixed columns, so that no name can push another column away */
    .panel > table, details > table { border-radius: 8px; }
    table { width: 100%; border-collapse: collapse; table-layout: fixed; }
    caption { padding: 0.625rem 1.25rem; text-align: left; font-size: 0.8125rem; color: var(--soft); }
    th { font-weight: 400; text-align: left; color: var(--soft); }
    td, th { padding: 0.4375rem 0.5rem; vertical-align: top; }
    td:first-child, th:first-child { padding-left: 1.25rem; }
    td:last-child, th:last-child { padding-right: 1.25rem; }
    thead th { position: sticky; top: 0; z-index: 2; padding-block: 0.375rem; background: var(--card); }
    thead th { font-size: 0.8125rem; vertical-align: bottom; box-shadow: inset 0 -1px 0 var(--edge); }
    th.number, td.number { text-align: right; white-space: nowrap; overflow-wrap: normal; }
    tbody th { color: var(--ink); font-weight: 600; }
    tbody tr { border-top: 1px solid var(--line); }
    tbody tr:first-child { border-top-color: transparent; }
    tbody + tbody tr:first-child { border-top-color: var(--line); }
    tbody tr:hover { background: var(--hover); }
    th button { padding: 0; border: 0; background: none; color: inherit; cursor: pointer; text-align: inherit; }
    th button:hover { color: var(--ink); }
    th button::after { content: " ↕"; opacity: 0; }
    th button:hover::after { opacity: 1; }
    [aria-sort$="ending"] button { color: var(--ink); font-weight: 600; }
    [aria-sort="descending"] button::after { content: " ↓"; opacity: 1; }
    [aria-sort="ascending"] button::after { content: " ↑"; opacity: 1; }
    .verb::before { content: ""; display: inline-block; width: 0.5rem; height: 0.5rem; margin-right: 0.4375rem; }
    .verb::before { background: var(--allow); border-radius: 50%; }
    .warn .verb::before { background: var(--warn); border-radius: 1px; transform: rotate(45deg); }
    .deny .verb::before { background: var(--deny); border-radius: 0; }
    .deny .verb { font-weight: 600; }
    thead .verb::before { content: none; }
    .charge { color: var(--soft); }
    .counted .charge { color: var(--score); font-weight: 600; }
    .unsure { color: var(--medium-text); }
    td small:empty, td .tags:empty { display: none; }
    .score small { display: inline; }

    .tag { display: inline-block; margin: 0.125rem 0.25rem 0 0; padding: 0 0.3125rem; border-radius: 3px; }
    .tag { background: var(--rail); color: var(--ink); font: 0.75rem/1.4 var(--mono); }
    .derived .object { position: relative; padding-left: 2rem; }
    .derived .object::before, .derived .object::after { content: ""; position: absolute; left: 0.875rem; top: 0; }
    .derived .object::before { width: 0.625rem; height: 1.125rem; border-bottom: 1px solid var(--edge); }
    .derived .object::after { bottom: 0; border-left: 1px solid var(--edge); }
    .derived:last-child .object::after { bottom: auto; height: 1.125rem; }
    tbody .derived { border-top: 0; }
    .derived td { color: var(--soft); }
    .bar { display: flex; height: 0.5rem; margin-top: 0.4375rem; border-radius: 1px; background: var(--rail); }
    .bar i { flex: none; width: calc(100% * var(--share)); }
    i.deny { background: var(--deny); }
    i.warn { background: var(--warn); }
    i.allow { background: var(--allow); }
    .bar .deny, .bar .warn { border-right: 1px solid var(--card); }
    .scored { display: grid; grid-template-columns: 1fr minmax(3rem, auto); gap: 0.75rem; text-align: right; }
    .users .user { width: 22%; }
    .users .score { width: 16%; }
    .users .number { width: 7.5%; }
    .users .seen { width: 11.5%; }
    .spaces .space { width: 24%; }
    .spaces .number { width: 9%; }
    .moments .when { width: 9.25rem; }
    .moments .verb { width: 6.25rem; }
    .moments .object { width: 26%; }
    .moments .by { width: 23%; }
    .moments .score { width: 8.75rem; }
    .buckets { max-width: 44rem; }
    .buckets .when { width: 40%; }

    /* Timeline: events grow up from the axis, the charged score hangs down from it */
    .key { display: flex; flex-wrap: wrap; gap: 0.25rem 1.25rem; padding: 0.875rem 1.25rem 0; color: var(--soft); }
    .key i { display: inline-block; width: 0.625rem; height: 0.625rem; margin-right: 0.4375rem; }
    i.risk { background: var(--score); }
    .chart { position: relative; margin: 1.25rem 1.75rem 0 3.75rem; padding-bottom: 2.25rem; }
    #plot { position: relative; }
    #plot svg { display: block; width: 100%; }
    #bars { height: 10rem; background: linear-gradient(var(--line) 1px, transparent 1px) 0 0 / 100% 50%; }
    #drops { height: 3.5rem; transform: scaleY(-1); border: solid var(--soft); border-width: 0 0 1px; }
    #plot path { fill: var(--score); }
    #plot #allow { fill: var(--allow); }
    #plot #warn { fill: var(--warn); }
    #plot #deny { fill: var(--deny); }
    #moment { position: absolute; inset: 0; width: 100%; height: 100%; margin: 0; appearance: none; background: none; }
    #moment { cursor: crosshair; touch-action: pan-y; }
    #moment::-webkit-slider-thumb { appearance: none; width: 1px; height: 1px; opacity: 0; }
    #moment::-moz-range-thumb { width: 1px; height: 1px; border: 0; opacity: 0; }
    #moment:focus-visible { outline-offset: 4px; }
    .y, .x { position: absolute; font-size: 0.75rem; line-height: 1; color: var(--soft); white-space: nowrap; }
    .y { right: 100%; margin-right: 0.625rem; transform: translateY(-50%); }
    #top { top: 0; }
    #middle { top: 5rem; }
    #zero { top: 10rem; }
    #top-score { top: 13.5rem; color: var(--score); }
    .x { left: calc(100% * var(--x)); bottom: 0.625rem; transform: translateX(-50%); }
    .x::before { content: ""; position: absolute; left: 50%; bottom: 1.125rem; height: 0.3125rem; }
    .x::before { border-left: 1px solid var(--edge); }
    #cursor { position: absolute; inset-block: 0; left: calc(100% * var(--x)); width: calc(100% * var(--width)); }
    #cursor { min-width: 2px; background: color-mix(in srgb, var(--ink) 9%, transparent); }
    #tip { position: absolute; bottom: calc(100% - 2.5rem); z-index: 3; width: 12.5rem; padding: 0.5rem 0.75rem; }
    #tip { left: clamp(-2.5rem, 100% * (var(--x) + var(--width) / 2) - 6.25rem, 100% - 11.5rem); pointer-events: none; }
    #tip { border-radius: 6px; background: var(--ink); color: var(--card); font-size: 0.8125rem; }
    #tip b { display: block; }
    #tip > span { display: flex; justify-content: space-between; }

    /* Filters */
    .filters { display: flex; flex-wrap: wrap; align-items: end; gap: 0.5rem 1rem; margin-bottom: 0.75rem; }
    .filters label { font-size: 0.8125rem; color: var(--soft); }
    .filters .contains { flex: 0 1 22rem; }
    .filters input, .filters select { display: block; width: 100%; height: 2.25rem; padding: 0 0.625rem; }
    .filters input, .filters select { border: 1px solid var(--edge); border-radius: 6px; background: var(--card); }
    .filters input, .filters select { font-size: 0.875rem; color: var(--ink); }
    .left-out { padding: 0.5rem 1.25rem 0.75rem; color: var(--soft); }
    footer { padding-block: 3rem 2.5rem; font-size: 0.8125rem; color: var(--soft); }
    footer p { max-width: 72ch; margin-bottom: 0.375rem; }

    @media (max-width: 60rem) {
      .tiles { grid-template-columns: repeat(3, 1fr); }
      .facts { grid-template-columns: 1fr 1fr; }
      .incident-head { grid-template-columns: minmax(0, 1fr) auto; gap: 0 1rem; }
      .meter { grid-column: 1 / -1; min-height: 2.75rem; margin-top: 0.25rem; }
      .incident-head .points { grid-area: 1 / 2; }
    }
    /* Narrow: every row of a table becomes a small card. Labels come from data-label. */
    @media screen and (max-width: 52rem) {
      table, caption, tbody, .users thead, tbody th, tbody td { display: block; width: auto !important; }
      thead { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); }
      .users thead { position: static; width: auto; height: auto; clip-path: none; padding: 0 1.25rem 0.5rem; }
      .users thead tr { display: flex; flex-wrap: wrap; gap: 0.375rem; }
      .users thead th { position: static; width: auto !important; padding: 0; box-shadow: none; background: none; }
      .users thead th:not(:has(button)) { display: none; }
      .users th:not([aria-sort$="ending"]) button::after { content: none; }
      .users th button { padding: 0.25rem 0.5rem; border: 1px solid var(--edge); border-radius: 6px; }
      tbody tr { display: flex; flex-wrap: wrap; gap: 0.25rem 1.25rem; padding: 0.75rem 1.25rem; }
      tbody td, tbody th { padding: 0 !important; text-align: left !important; }
      .whole { flex: 1 1 100%; }
      .labelled::before { content: attr(data-label); margin-right: 0.5rem; color: var(--soft); font-size: 0.8125rem; }
      .moments .why { flex: 1 1 55%; }
      .moments .score { margin-left: auto; align-self: end; }
      .moments .derived { margin-left: 1.5rem; padding-left: 0.75rem; border-left: 1px solid var(--edge); }
      .derived .object::before, .derived .object::after { content: none; }
    }
    @media (max-width: 34rem) {
      .tiles { grid-template-columns: 1fr 1fr; }
      .facts { grid-template-columns: 1fr; gap: 0.25rem; }
      .facts div { display: grid; grid-template-columns: 6rem 1fr; align-items: baseline; }
      .chart { margin: 1.25rem 1rem 0 3rem; }
      .x:nth-child(even) { visibility: hidden; }
      .live { margin-left: 0; }
      .filters label, .filters .contains { flex: 1 1 100%; }
    }
    @media (prefers-reduced-motion: no-preference) {
      html { scroll-behavior: smooth; }
      .bar i, .meter i { transition: width 0.3s ease-out; }
    }
    @media print {
      :root { --page: #ffffff; --hover: #ffffff; }
      body { font-size: 9pt; print-color-adjust: exact; -webkit-print-color-adjust: exact; }
      nav, .skip, .live, .filters, .more, #tip, #cursor { display: none; }
      .wide { max-width: none; padding-inline: 0; }
      thead th { position: static; }
      tr, .incident-head, .facts, .tiles, .chart { break-inside: avoid; }
      h2, h3, .section-head, caption { break-after: avoid; }
    }
    """##
}
