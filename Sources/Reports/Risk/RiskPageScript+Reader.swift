// What the script of the risk page does for its reader: sort, filter, unfold, and ask for newer data.

extension RiskPageScript {
  /// What listens, and begins; behind what puts data on show.
  static let reader = ##"""
    // What the reader does

    // Told to screen readers once things have settled, not at every key.
    function announce(text) {
      clearTimeout(state.announcing);
      state.announcing = setTimeout(() => show('announcement', text), 600);
    }

    function listen() {
      const onEach = (selector, type, act) => document.querySelectorAll(selector)
        .forEach(element => element.addEventListener(type, event => act(element, event), {capture: true}));
      onEach('[data-sort]', 'click', ({dataset: {sort}}) => {
        state.isDescending = state.sort === sort ? !state.isDescending : sort !== 'riskObject';
        state.sort = sort;
        renderUsers(state.data);
      });
      onEach('.more', 'click', button => {
        const [list] = button.id.split('-');
        if (!state.unfolded.delete(list)) state.unfolded.add(list);
        render(state.data);
        button.scrollIntoView({block: 'nearest'});
      });
      onEach('#incidents-list', 'toggle', (_, {target}) => {
        state.open[target.open ? 'add' : 'delete'](keyOf(target.closest('article')));
        renderIncidents(state.data);
      });
      onEach('#filters', 'input', () => {
        renderEvents(state.data);
        announce(byId('events-note').textContent);
      });
      for (const type of ['input', 'focus']) onEach('#moment', type, input => pointAt(input.valueAsNumber));
      for (const type of ['blur', 'pointerleave']) onEach('#moment', type, () => pointAt(-1));
      onEach('#moment', 'pointermove', (input, {offsetX}) =>
        pointAt(Math.floor(offsetX / input.clientWidth * state.data.timeline.buckets.length)));
    }
    // Asks for new data while somebody looks. A failure leaves the last data on show and says so.
    function keepFresh({refresh, refreshSeconds}) {
      const pause = 1000 * Math.max(1, Number(refreshSeconds) || 30);
      const live = byId('live');
      const tell = (text, isLost) => {
        if (live.classList.contains('lost') !== isLost) announce(text);
        live.classList.toggle('lost', isLost);
        show('live', text);
      };
      const ask = async () => {
        if (document.hidden) return;
        try {
          const response = await fetch(refresh, {cache: 'no-store', signal: AbortSignal.timeout(pause + 5000)});
          if (!response.ok) throw new Error(`Status ${response.status}`);
          render(await response.json());
          tell(`Updated ${SECOND(new Date())}`, false);
        } catch {
          tell('Cannot reach the server, retrying', true);
        }
      };
      tell(`Updated ${SECOND(new Date())}`, false);
      setInterval(ask, pause);
      document.addEventListener('visibilitychange', ask);
    }

    document.documentElement.classList.add('drawn');
    render(JSON.parse(byId('data').textContent));
    listen();
    if (document.documentElement.dataset.refresh) keepFresh(document.documentElement.dataset);
    """##
}
