// The script of the risk page: data in, text out, never markup.

/// The script of the risk page: data in, text out, never markup.
enum RiskPageScript {
  /// As it stands in the page.
  static let text = view + reader

  /// What puts data on show.
  private static let view = ##"""
    'use strict';
    // Puts the data in #data into the page, and newer data over it when the page is served. Names in the data are whatever
    // an attacker chose: they become text nodes, nothing else. Every list is built anew from the templates and then merged
    // into the one on show, so that focus, scroll, open evidence and selected text stay where the reader left them.

    const DONE = {deny: 'denied', warn: 'warned', allow: 'allowed'};
    const DECISIONS = Object.keys(DONE);
    const TECHNIQUES = {T1040: 'Network Sniffing', T1046: 'Network Service Discovery', T1204: 'User Execution',
      T1552: 'Unsecured Credentials', T1557: 'Adversary-in-the-Middle', T1610: 'Deploy Container', T1611: 'Escape to Host'};
    const state = {data: null, open: new Set(), unfolded: new Set(), sort: 'score', isDescending: true, moment: null};

    // Elements
    const byId = id => document.getElementById(id);
    const number = new Intl.NumberFormat('en').format;
    const keyOf = node => node?.dataset?.key;
    // Appends nodes, texts and numbers from lists in lists; what is false or missing is left out.
    function put(parent, children) {
      const present = [children].flat(Infinity).filter(child => child || child === 0);
      parent.append(...present.map(child => typeof child === 'number' ? number(child) : child));
      return parent;
    }
    function h(tag, kind, ...children) {
      const element = document.createElement(tag);
      if (kind) element.className = kind;
      return put(element, children);
    }
    // A copy of a template with its slots filled.
    function stamp(id, slots, key = '') {
      const element = byId(id).content.firstElementChild.cloneNode(true);
      for (const slot of element.querySelectorAll('[data-slot]')) put(slot, slots[slot.dataset.slot]);
      if (key) element.dataset.key = key;
      return element;
    }
    // The policy of the page forbids style attributes, but not properties set from here.
    function styled(element, properties) {
      for (const [property, value] of Object.entries(properties)) element.style.setProperty(`--${property}`, value);
      return element;
    }
    const show = (id, ...children) => merge(byId(id), put(byId(id).cloneNode(false), children));
    const showAll = texts => Object.entries(texts).forEach(([id, text]) => show(id, text));
    // Shows a list, or the words for an empty one. All but its first items are folded away until somebody asks.
    function showList(list, items, build) {
      const more = byId(`${list}-more`);
      const limit = Number(more.dataset.limit);
      const elements = items.map(build);
      // What the reader has open or has come to stays, whatever comes before it.
      const inUse = keyOf(document.activeElement.closest('[data-key]:not(tr)'));
      const foldable = elements.slice(limit).filter(element => !state.open.has(keyOf(element)) && keyOf(element) !== inUse);
      if (!state.unfolded.has(list)) for (const element of foldable) element.classList.add('folded');
      show(`${list}-list`, elements);
      byId(`${list}-panel`).hidden = items.length === 0;
      byId(`${list}-empty`).hidden = items.length > 0;
      more.hidden = items.length <= limit;
      more.textContent = state.unfolded.has(list) ? 'Show fewer' : `Show all ${count(items.length, more.dataset.noun)}`;
    }
    // Makes old look like fresh and keeps the nodes that both have: matched by key if they have one, else by place.
    function merge(old, fresh) {
      copyAttributes(old, fresh);
      const wantedKeys = new Set([...fresh.children].map(keyOf));
      for (const child of [...old.children]) if (keyOf(child) && !wantedKeys.has(keyOf(child))) child.remove();
      const keyed = new Map([...old.children].filter(keyOf).map(child => [keyOf(child), child]));
      const wantedNodes = [...fresh.childNodes];
      let cursor = old.firstChild;
      for (const wanted of wantedNodes) {
        const match = keyOf(wanted) ? keyed.get(keyOf(wanted)) : cursor;
        if (match?.nodeName !== wanted.nodeName || keyOf(match) !== keyOf(wanted)) {
          old.insertBefore(wanted, cursor);
          continue;
        }
        keyed.delete(keyOf(match));
        if (match === cursor) cursor = cursor.nextSibling;
        else old.insertBefore(match, cursor);
        if (match.nodeType === Node.ELEMENT_NODE) merge(match, wanted);
        else if (match.data !== wanted.data) match.data = wanted.data;
      }
      while (old.childNodes.length > wantedNodes.length) old.lastChild.remove();
    }
    // Whether evidence is open is up to the reader, and a style attribute may only be copied as properties.
    function copyAttributes(old, fresh) {
      for (const name of new Set([...old.getAttributeNames(), ...fresh.getAttributeNames()])) {
        if (name === 'open' || name === 'style' || old.getAttribute(name) === fresh.getAttribute(name)) continue;
        if (fresh.hasAttribute(name)) old.setAttribute(name, fresh.getAttribute(name));
        else old.removeAttribute(name);
      }
      if (old.style.cssText !== fresh.style.cssText) old.style.cssText = fresh.style.cssText;
    }

    // Words
    const format = options => new Intl.DateTimeFormat('en-GB', options).format;
    const DATE = format({dateStyle: 'medium'});
    const DAY = format({day: 'numeric', month: 'short'});
    const MINUTE = format({timeStyle: 'short'});
    const SECOND = format({timeStyle: 'medium'});
    // A time in the reader's zone; pointing at it tells it in UTC.
    function when(text, ...formats) {
      const date = new Date(text);
      if (Number.isNaN(date.getTime())) return named(text);
      const time = h('time', '', formats.map(format => format(date)).join(', '));
      time.dateTime = date.toISOString();
      time.title = `${time.dateTime.slice(0, 19).replace('T', ' ')} UTC`;
      return time;
    }

    function duration(seconds) {
      const units = [[86400, 'day'], [3600, 'hour'], [60, 'minute'], [1, 'second']];
      const [size, noun] = units.find(([size, noun]) => seconds % size === 0 && (noun !== 'day' || seconds > size))
        ?? units.find(([size]) => seconds >= 2 * size) ?? [1, 'second'];
      return count(Math.round(seconds / size), noun);
    }
    // Characters that hide or reorder text are spelled out: a name has to be what it looks like.
    const spelled = char => `[U+${char.codePointAt(0).toString(16).toUpperCase().padStart(4, '0')}]`;
    const reveal = text => String(text).replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu, spelled);
    const named = text => h('bdi', '', reveal(text).split(/(?<=[:/@]|[.](?=[a-z]))/).flatMap(part => [part, h('wbr')]));
    const count = (value, noun) => `${number(value)} ${noun}${value === 1 ? '' : 's'}`;
    const listed = nodes => nodes.flatMap((node, index) => index > 0 ? [', ', node] : [node]);
    const places = namespaces => listed(namespaces.map(space => space ? named(space) : h('i', '', 'cluster-scoped')));
    const verdict = ({totals}) => totals.incidents > 0 ? count(totals.incidents, 'incident') : 'No incident';

    // The sections, in their order on the page
    function render(data) {
      const focused = document.activeElement;
      // Where the reader looks, to stay there when something comes or goes above it.
      const middle = () => document.elementFromPoint(innerWidth / 2, innerHeight / 2);
      const anchor = state.data && (focused === document.body ? middle() : focused);
      const top = anchor?.getBoundingClientRect().top;
      if (state.data && state.data.totals.incidents !== data.totals.incidents) announce(verdict(data));
      state.data = data;
      const sections = [renderSummary, renderIncidents, renderTimeline, renderUsers, renderNamespaces, renderEvents];
      for (const section of sections) section(data);
      if (focused !== document.activeElement && focused.isConnected) focused.focus({preventScroll: true});
      if (anchor?.isConnected) scrollBy({top: anchor.getBoundingClientRect().top - top, behavior: 'instant'});
    }

    function renderSummary({period, generatedAt, threshold, totals, incidents}) {
      const ranked = incidents.toSorted((one, other) => other.score - one.score);
      document.title = `${verdict({totals})} – Hostfence risk`;
      showAll({
        period: [when(period.since, DATE, MINUTE), ' – ', when(period.until, DATE, MINUTE)],
        generated: when(generatedAt, DATE, SECOND), zone: Intl.DateTimeFormat().resolvedOptions().timeZone,
        verdict: verdict({totals}),
        lead: [ranked[0] ? [h('b', '', named(ranked[0].riskObject)), ` is highest with ${number(ranked[0].score)}.`]
          : totals.score > 0 ? 'Nobody exceeded the threshold.' : 'No risk was charged in this period.',
        ` An incident is more than ${number(threshold.score)} charged to a user within ${duration(threshold.windowSeconds)}.`],
        score: totals.score, counted: totals.counted, all: totals.events, people: totals.riskObjects,
        open: totals.incidents, denied: totals.deny,
        'all-note': `${number(totals.warn)} warned, ${number(totals.allow)} allowed`,
        'score-note': `in ${duration((Date.parse(period.until) - Date.parse(period.since)) / 1000)}`,
        'people-note': `in ${count(totals.namespaces, 'namespace')}`,
        'open-note': totals.incidents > ranked.length ? `${ranked.length} of them shown`
          : [...Map.groupBy(ranked, i => i.severity)].map(([level, {length}]) => `${length} ${level}`).join(', '),
        'denied-note': totals.events > 0 && `${(100 * totals.deny / totals.events).toFixed(1)}% of all events`,
      });
    }

    function renderIncidents({incidents}) {
      // One scale for all, so that the fences of the cards line up and their bars compare; far outliers only fill it.
      const scale = Math.min(5, Math.max(2, ...incidents.map(({score, threshold}) => score / threshold)));
      showList('incidents', incidents, incident => incidentCard(incident, scale));
    }

    function incidentCard(incident, scale) {
      const card = stamp('incident-card', {...incident,
        severity: named(incident.severity), rule: named(incident.rule), riskObject: named(incident.riskObject),
        type: incident.riskObjectType !== 'user' && named(incident.riskObjectType),
        times: (incident.score / incident.threshold).toFixed(1), namespaces: places(incident.namespaces),
        window: [when(incident.since, DAY, MINUTE), ' – ', when(incident.until, DAY, MINUTE)],
        techniques: listed(incident.techniques.map(id => [h('code', '', named(id)), ` ${TECHNIQUES[id] ?? ''}`])),
        size: count(incident.evidence.length + incident.evidenceLeftOut, 'event'),
        evidence: state.open.has(incident.id) && evidence(incident),
      }, incident.id);
      card.dataset.severity = incident.severity;
      return styled(card, {scale, ratio: Math.min(scale, incident.score / incident.threshold)});
    }
    // Built when it is opened: 50 incidents of 60 events are too much to lay out for nobody.
    function evidence(incident) {
      const table = stamp('evidence-table', {riskObject: named(incident.riskObject)});
      for (const [root, events] of Map.groupBy(incident.evidence, event => event.rootEvent ?? event.id)) {
        const first = events.find(event => event.id === root);
        const derived = events.filter(event => event !== first).map(event => eventRow(event, 'derived'));
        table.append(put(stamp('evidence-group', {}, root), [first ? eventRow(first) : stamp('orphan-row', {}), derived]));
      }
      return [table, incident.evidenceLeftOut > 0
        && h('p', 'left-out', `${count(incident.evidenceLeftOut, 'more event')} not shown here.`)];
    }

    function eventRow(event, kind = '') {
      const row = stamp('event-row', {
        time: when(event.time, DAY, SECOND), decision: DONE[event.decision] ?? named(event.decision),
        space: event.namespace && [named(event.namespace), '/'], name: named(event.name),
        kind: [named(event.operation), ' ', named(event.kind)], images: listed(event.images.map(named)),
        riskObject: kind !== 'derived' && named(event.riskObject),
        maker: event.requester !== event.riskObject && ['made by ', named(event.requester)],
        unsure: event.rootActor === 'unknown' && 'A controller made it; whose it is could not be found',
        source: event.threatObject && ['from ', named(event.threatObject)], field: named(event.field),
        rule: ['rule ', named(event.rule), event.exemption && [', exempt by ', named(event.exemption)]],
        tags: event.aggravations.map(aggravation => h('span', 'tag', named(aggravation))),
        score: event.riskScore, uncounted: !event.counted && 'not charged',
      }, event.id);
      row.className = `${kind} ${event.decision} ${event.counted ? 'counted' : ''}`;
      return row;
    }
    // The next round number, for the top of an axis.
    function roundUp(value) {
      const size = 10 ** Math.floor(Math.log10(Math.max(1, value)));
      return size * [1, 2, 4, 6, 8, 10].find(step => step * size >= value);
    }
    // Draws a bar per bucket, upwards from its floor. What is there at all stays visible beside the tallest.
    function drawBars(id, values, top, floors) {
      byId(id).setAttribute('d', values.map((value, index) => {
        const height = value > 0 ? Math.max(1.5, 97 * value / top) : 0;
        floors[index] -= height;
        return `M${index + 0.12} ${floors[index]}h.76v${height}h-.76z`;
      }).join(''));
    }

    function renderTimeline({timeline: {buckets, bucketSeconds}}) {
      const sumOf = ({deny, warn, allow}) => deny + warn + allow;
      showList('buckets', buckets.filter(sumOf), bucket => stamp('bucket-row',
        {...bucket, time: when(bucket.time, DAY, MINUTE)}, bucket.time));
      const [top, topScore] = [sumOf, bucket => bucket.score].map(of => roundUp(Math.max(0, ...buckets.map(of))));
      const floors = buckets.map(() => 100);
      for (const decision of DECISIONS) drawBars(decision, buckets.map(bucket => bucket[decision]), top, floors);
      drawBars('charged', buckets.map(bucket => bucket.score), topScore, buckets.map(() => 100));
      for (const id of ['bars', 'drops']) byId(id).setAttribute('viewBox', `0 0 ${buckets.length || 1} 100`);
      showAll({'timeline-note': `One bar for each ${duration(bucketSeconds)}.`, top, 'top-score': topScore,
        middle: top % 2 === 0 && top / 2, ticks: ticks(buckets, bucketSeconds)});
      byId('moment').max = buckets.length - 1;
      pointAt(buckets.findIndex(bucket => bucket.time === state.moment));
    }
    // At most 8 round times in the reader's zone; midnight is told by its date.
    function ticks(buckets, bucketSeconds) {
      const hours = [1 / 60, 1 / 12, 1 / 4, 1 / 2, 1, 2, 3, 6, 12, 24, 48, 168, 336, 720];
      const step = 3600 * (hours.find(size => 3600 * 8 * size >= buckets.length * bucketSeconds) ?? 2160);
      const dates = buckets.map(bucket => new Date(bucket.time));
      const steps = dates.map(date => Math.floor((date / 1000 - 60 * date.getTimezoneOffset()) / step));
      const label = date => date.getHours() + date.getMinutes() === 0 || step >= 86400 ? DAY(date) : MINUTE(date);
      return dates.map((date, index) => index > 0 && steps[index] !== steps[index - 1]
        && styled(h('span', 'x', label(date)), {x: index / buckets.length}));
    }
    // Shows what is in a bucket, for eyes and for screen readers; index -1 is no bucket.
    function pointAt(index) {
      const {buckets, bucketSeconds} = state.data.timeline;
      const bucket = buckets[index];
      state.moment = bucket?.time;
      byId('cursor').hidden = byId('tip').hidden = !bucket;
      if (!bucket) return;
      const [from, to] = [0, bucketSeconds].map(seconds => new Date(Date.parse(bucket.time) + 1000 * seconds));
      const span = `${DAY(from)}, ${MINUTE(from)} – ${MINUTE(to)}`;
      show('tip', [...stamp('tip-lines', {...bucket, span}).childNodes]);
      styled(byId('plot'), {x: index / buckets.length, width: 1 / buckets.length});
      byId('moment').value = index;
      byId('moment').setAttribute('aria-valuetext', byId('tip').textContent);
    }

    const bar = (...parts) => h('span', 'bar', parts.map(([kind, share]) => share > 0 && styled(h('i', kind), {share})));

    function renderUsers({riskObjects}) {
      const compare = (one, other) => typeof one === 'string' ? one.localeCompare(other, 'en') : one - other;
      const sign = state.isDescending ? -1 : 1;
      const users = riskObjects.toSorted((one, other) => sign * compare(one[state.sort], other[state.sort]));
      const top = Math.max(1, ...users.map(user => user.score));
      showList('users', users, user => stamp('user-row', {...user,
        riskObject: named(user.riskObject), bar: bar(['risk', user.score / top]),
        firstSeen: when(user.firstSeen, DAY, MINUTE), lastSeen: when(user.lastSeen, DAY, MINUTE),
        namespaces: places(user.namespaces), techniques: listed(user.techniques.map(named)),
      }, `${user.riskObjectType} ${user.riskObject}`));
      const direction = state.isDescending ? 'descending' : 'ascending';
      for (const {dataset: {sort}, parentElement} of document.querySelectorAll('[data-sort]')) {
        parentElement.setAttribute('aria-sort', sort === state.sort ? direction : 'none');
      }
    }

    function renderNamespaces({namespaces}) {
      const top = Math.max(1, ...namespaces.map(space => space.events));
      showList('spaces', namespaces, space => stamp('space-row', {...space, namespace: places([space.namespace]),
        bar: bar(...DECISIONS.map(decision => [decision, space[decision] / top]))}, `space ${space.namespace}`));
    }

    function renderEvents({events}) {
      const words = byId('filter-text').value.toLowerCase().split(' ');
      const wanted = byId('filter-decision').value || DECISIONS;
      const found = events.filter(event => wanted.includes(event.decision)
        && words.every(word => Object.values(event).flat().join(' ').toLowerCase().includes(word)));
      byId('filters').hidden = events.length === 0;
      show('events-note', `${number(found.length)} of ${count(events.length, 'event')}`);
      showList('events', found, event => eventRow(event));
    }

    """##
}
