// The markup of the risk page: places and templates, without data.

/// The markup of the risk page: places and templates, without data.
enum RiskPageMarkup {
  /// As it stands in the page.
  static let text = ##"""
    <a class="skip" href="#main">Skip to the report</a>
    <header class="masthead">
      <div class="wide top">
        <h1>
          <svg viewBox="0 0 22 22" fill="none" stroke="currentColor" stroke-width="2" aria-hidden="true">
            <path d="M4 20V6l2-3 2 3v14M14 20V6l2-3 2 3v14M1 10h20M1 16h20"></path>
          </svg>
          Hostfence <span class="topic">Risk</span>
        </h1>
        <nav aria-label="Sections">
          <ul>
            <li><a href="#incidents">Incidents</a></li>
            <li><a href="#timeline">Timeline</a></li>
            <li><a href="#users">Users</a></li>
            <li><a href="#namespaces">Namespaces</a></li>
            <li><a href="#events">Events</a></li>
          </ul>
        </nav>
        <p class="live" id="live"></p>
      </div>
      <div class="wide">
        <dl class="period">
          <div><dt>Period</dt> <dd id="period"></dd></div>
          <div><dt>Generated</dt> <dd id="generated"></dd></div>
          <div><dt>Times in</dt> <dd id="zone"></dd></div>
        </dl>
      </div>
    </header>

    <main id="main" tabindex="-1" class="wide">
      <noscript><p class="empty"><b>This report needs JavaScript</b> Its script is part of this page and loads nothing.</p>
      </noscript>
      <section aria-labelledby="verdict">
        <h2 id="verdict">Risk</h2>
        <p class="lead" id="lead"></p>
        <dl class="tiles">
          <div><dt>Risk score</dt><dd class="value" id="score"></dd><dd class="note" id="score-note"></dd></div>
          <div><dt>Counted events</dt><dd class="value" id="counted"></dd><dd class="note">charged to a user</dd></div>
          <div><dt>All events</dt><dd class="value" id="all"></dd><dd class="note" id="all-note"></dd></div>
          <div><dt>Users</dt><dd class="value" id="people"></dd><dd class="note" id="people-note"></dd></div>
          <div><dt>Incidents</dt><dd class="value" id="open"></dd><dd class="note" id="open-note"></dd></div>
          <div><dt>Denied</dt><dd class="value" id="denied"></dd><dd class="note" id="denied-note"></dd></div>
        </dl>
      </section>

      <section id="incidents" aria-labelledby="incidents-title">
        <div class="section-head">
          <h2 id="incidents-title">Incidents</h2>
          <p>Users whose charges added up to more than the threshold.</p>
        </div>
        <p class="empty" id="incidents-empty" hidden><b>No incident in this period</b> Nobody's score exceeded the threshold.</p>
        <div id="incidents-panel"><div id="incidents-list" class="cards"></div></div>
        <button type="button" class="more" id="incidents-more" data-limit="10" data-noun="incident" hidden></button>
      </section>

      <section id="timeline" aria-labelledby="timeline-title">
        <div class="section-head">
          <h2 id="timeline-title">Timeline</h2>
          <p id="timeline-note"></p>
        </div>
        <p class="empty" id="buckets-empty" hidden><b>No event was seen in this period</b> Nobody asked for a pod on the
          network of its node.</p>
        <div class="panel" id="buckets-panel">
          <ul class="key">
            <li><i class="deny"></i>Denied</li>
            <li><i class="warn"></i>Warned</li>
            <li><i class="allow"></i>Allowed</li>
            <li><i class="risk"></i>Score charged, below the line</li>
          </ul>
          <div class="chart">
            <div id="plot">
              <svg id="bars" preserveAspectRatio="none" aria-hidden="true">
                <path id="allow"></path><path id="warn"></path><path id="deny"></path>
              </svg>
              <svg id="drops" preserveAspectRatio="none" aria-hidden="true"><path id="charged"></path></svg>
              <div id="cursor" hidden></div>
              <input type="range" id="moment" min="0" aria-label="Moment in the timeline">
              <div id="tip" hidden></div>
            </div>
            <div class="axis" aria-hidden="true">
              <span class="y" id="top"></span><span class="y" id="middle"></span><span class="y" id="zero">0</span>
              <span class="y" id="top-score"></span>
            </div>
            <div id="ticks" aria-hidden="true"></div>
          </div>
          <details>
            <summary>The timeline as a table</summary>
            <table role="table" class="buckets">
              <caption>Events and charged score over time; stretches without events are left out</caption>
              <thead role="rowgroup">
                <tr role="row">
                  <th role="columnheader" scope="col" class="when">From</th>
                  <th role="columnheader" scope="col" class="number">Denied</th>
                  <th role="columnheader" scope="col" class="number">Warned</th>
                  <th role="columnheader" scope="col" class="number">Allowed</th>
                  <th role="columnheader" scope="col" class="number">Score</th>
                </tr>
              </thead>
              <tbody role="rowgroup" id="buckets-list"></tbody>
            </table>
          </details>
          <button type="button" class="more" id="buckets-more" data-limit="200" data-noun="bucket" hidden></button>
        </div>
      </section>

      <section id="users" aria-labelledby="users-title">
        <div class="section-head">
          <h2 id="users-title">Top users</h2>
          <p>Whoever the requests lead back to, controllers looked through.</p>
        </div>
        <p class="empty" id="users-empty" hidden><b>No risk was charged in this period</b> There is no event to charge to
          anybody.</p>
        <div class="panel" id="users-panel">
          <table role="table" class="users">
            <caption>Users by score; the headings sort</caption>
            <thead role="rowgroup">
              <tr role="row">
                <th role="columnheader" scope="col" class="user">
                  <button type="button" data-sort="riskObject">User</button>
                </th>
                <th role="columnheader" scope="col" class="score">
                  <button type="button" data-sort="score">Score</button>
                </th>
                <th role="columnheader" scope="col" class="number">
                  <button type="button" data-sort="events">Events</button>
                </th>
                <th role="columnheader" scope="col" class="number">
                  <button type="button" data-sort="counted">Counted</button>
                </th>
                <th role="columnheader" scope="col" class="seen">
                  <button type="button" data-sort="firstSeen">First seen</button>
                </th>
                <th role="columnheader" scope="col" class="seen">
                  <button type="button" data-sort="lastSeen">Last seen</button>
                </th>
                <th role="columnheader" scope="col">Namespaces</th>
                <th role="columnheader" scope="col">ATT&amp;CK</th>
              </tr>
            </thead>
            <tbody role="rowgroup" id="users-list"></tbody>
          </table>
        </div>
        <button type="button" class="more" id="users-more" data-limit="10" data-noun="user" hidden></button>
      </section>

      <section id="namespaces" aria-labelledby="namespaces-title">
        <div class="section-head">
          <h2 id="namespaces-title">Namespaces</h2>
          <p>Where the events were, and what was decided.</p>
        </div>
        <p class="empty" id="spaces-empty" hidden><b>No namespace is concerned</b> No event was seen in this period.</p>
        <div class="panel" id="spaces-panel">
          <table role="table" class="spaces">
            <caption>Events and score of each namespace; a bar is as long as its share of the busiest one</caption>
            <thead role="rowgroup">
              <tr role="row">
                <th role="columnheader" scope="col" class="space">Namespace</th>
                <th role="columnheader" scope="col" class="share">Events by decision</th>
                <th role="columnheader" scope="col" class="number">Events</th>
                <th role="columnheader" scope="col" class="number">Denied</th>
                <th role="columnheader" scope="col" class="number">Warned</th>
                <th role="columnheader" scope="col" class="number">Allowed</th>
                <th role="columnheader" scope="col" class="number">Score</th>
              </tr>
            </thead>
            <tbody role="rowgroup" id="spaces-list"></tbody>
          </table>
        </div>
        <button type="button" class="more" id="spaces-more" data-limit="10" data-noun="namespace" hidden></button>
      </section>

      <section id="events" aria-labelledby="events-title">
        <div class="section-head">
          <h2 id="events-title">Latest events</h2>
          <p id="events-note"></p>
        </div>
        <div class="filters" id="filters" role="search" aria-label="Filter the events">
          <label class="contains">Contains
            <input type="search" id="filter-text" autocomplete="off" spellcheck="false">
          </label>
          <label>Decision
            <select id="filter-decision">
              <option value="">All</option>
              <option value="deny">Denied</option>
              <option value="warn">Warned</option>
              <option value="allow">Allowed</option>
            </select>
          </label>
        </div>
        <p class="empty" id="events-empty" hidden><b>No event to show</b> None was seen in this period, or none matches the
          filter.</p>
        <div class="panel" id="events-panel">
          <table role="table" class="moments">
            <caption>Latest first; a score in bold was charged</caption>
            <thead role="rowgroup">
              <tr role="row">
                <th role="columnheader" scope="col" class="when">Time</th>
                <th role="columnheader" scope="col" class="verb">Decision</th>
                <th role="columnheader" scope="col" class="object">Object</th>
                <th role="columnheader" scope="col" class="by">User</th>
                <th role="columnheader" scope="col">Why</th>
                <th role="columnheader" scope="col" class="score number">Score</th>
              </tr>
            </thead>
            <tbody role="rowgroup" id="events-list"></tbody>
          </table>
        </div>
        <button type="button" class="more" id="events-more" data-limit="25" data-noun="event" hidden></button>
      </section>
    </main>

    <footer class="wide">
      <p>A pod with <code>hostNetwork: true</code> is on the network of its node. Every request for one is an event; what it
        scores is charged to the user behind it. Repeats, and objects that controllers made, are evidence, not charged.</p>
    </footer>
    <p class="unheard" id="announcement" role="status"></p>

    <template id="incident-card">
      <article class="incident">
        <div class="incident-head">
          <div class="who">
            <p class="rule"><span class="severity" data-slot="severity"></span> <span data-slot="rule"></span></p>
            <h3><span data-slot="riskObject"></span> <small data-slot="type"></small></h3>
          </div>
          <div class="meter" aria-hidden="true">
            <span class="sign">threshold <span data-slot="threshold"></span></span>
            <i class="rail"></i><i class="under"></i><i class="over"></i><i class="fence"></i>
          </div>
          <p class="points"><b data-slot="score"></b>
            <span class="soft"><span data-slot="times"></span> × threshold</span></p>
        </div>
        <dl class="facts">
          <div><dt>Charged</dt><dd data-slot="window"></dd></div>
          <div><dt>Events</dt><dd><span data-slot="events"></span>, <span data-slot="counted"></span> counted</dd></div>
          <div><dt>Namespaces</dt><dd data-slot="namespaces"></dd></div>
          <div><dt>ATT&amp;CK</dt><dd data-slot="techniques"></dd></div>
        </dl>
        <details>
          <summary>Evidence <span class="soft" data-slot="size"></span></summary>
          <div data-slot="evidence"></div>
        </details>
      </article>
    </template>
    <template id="evidence-table">
      <table role="table" class="moments">
        <caption>What <span data-slot="riskObject"></span> asked for; what controllers made from it is below it</caption>
        <thead role="rowgroup">
          <tr role="row">
            <th role="columnheader" scope="col" class="when">Time</th>
            <th role="columnheader" scope="col" class="verb">Decision</th>
            <th role="columnheader" scope="col" class="object">Object</th>
            <th role="columnheader" scope="col" class="by">User</th>
            <th role="columnheader" scope="col">Why</th>
            <th role="columnheader" scope="col" class="score number">Score</th>
          </tr>
        </thead>
      </table>
    </template>
    <template id="evidence-group"><tbody role="rowgroup"></tbody></template>
    <template id="event-row">
      <tr role="row">
        <td role="cell" class="when" data-slot="time"></td>
        <td role="cell" class="verb" data-slot="decision"></td>
        <td role="cell" class="object whole"><span class="soft" data-slot="space"></span><b data-slot="name"></b>
          <small><span data-slot="kind"></span> <code data-slot="images"></code></small></td>
        <td role="cell" class="by whole"><span data-slot="riskObject"></span>
          <small data-slot="maker"></small>
          <small class="unsure" data-slot="unsure"></small>
          <small data-slot="source"></small></td>
        <td role="cell" class="why"><code data-slot="field"></code>
          <small data-slot="rule"></small>
          <span class="tags" data-slot="tags"></span></td>
        <td role="cell" class="score number"><span class="charge" data-slot="score"></span>
          <small data-slot="uncounted"></small></td>
      </tr>
    </template>
    <template id="orphan-row">
      <tr role="row"><td role="cell" class="whole soft" colspan="6">The request behind these is not in this list</td></tr>
    </template>
    <template id="tip-lines">
      <div><b data-slot="span"></b>
        <span><span>denied</span> <span data-slot="deny"></span></span>
        <span><span>warned</span> <span data-slot="warn"></span></span>
        <span><span>allowed</span> <span data-slot="allow"></span></span>
        <span><span>score charged</span> <span data-slot="score"></span></span></div>
    </template>
    <template id="bucket-row">
      <tr role="row">
        <th role="rowheader" scope="row" class="when whole" data-slot="time"></th>
        <td role="cell" class="number labelled" data-label="Denied" data-slot="deny"></td>
        <td role="cell" class="number labelled" data-label="Warned" data-slot="warn"></td>
        <td role="cell" class="number labelled" data-label="Allowed" data-slot="allow"></td>
        <td role="cell" class="number labelled" data-label="Score" data-slot="score"></td>
      </tr>
    </template>
    <template id="user-row">
      <tr role="row">
        <th role="rowheader" scope="row" class="user whole" data-slot="riskObject"></th>
        <td role="cell" class="score whole"><div class="scored">
          <span data-slot="bar"></span> <span data-slot="score"></span></div></td>
        <td role="cell" class="number labelled" data-label="Events" data-slot="events"></td>
        <td role="cell" class="number labelled" data-label="Counted" data-slot="counted"></td>
        <td role="cell" class="seen labelled" data-label="First" data-slot="firstSeen"></td>
        <td role="cell" class="seen labelled" data-label="Last" data-slot="lastSeen"></td>
        <td role="cell" class="labelled" data-label="Namespaces" data-slot="namespaces"></td>
        <td role="cell" class="labelled" data-label="ATT&amp;CK" data-slot="techniques"></td>
      </tr>
    </template>
    <template id="space-row">
      <tr role="row">
        <th role="rowheader" scope="row" class="space whole" data-slot="namespace"></th>
        <td role="cell" class="share whole" data-slot="bar"></td>
        <td role="cell" class="number labelled" data-label="Events" data-slot="events"></td>
        <td role="cell" class="number labelled" data-label="Denied" data-slot="deny"></td>
        <td role="cell" class="number labelled" data-label="Warned" data-slot="warn"></td>
        <td role="cell" class="number labelled" data-label="Allowed" data-slot="allow"></td>
        <td role="cell" class="number labelled" data-label="Score" data-slot="score"></td>
      </tr>
    </template>
    """##
}
