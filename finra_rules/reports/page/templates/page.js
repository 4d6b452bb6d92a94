(() => {
  "use strict";
  const all = (selector, root = document) => [...root.querySelectorAll(selector)];

  const valueOf = (cell) => cell.dataset.v ?? cell.textContent.trim();
  const compare = (a, b) => {
    if (a === "" || b === "") return (a === "") - (b === "");
    const [x, y] = [Number(a), Number(b)];
    return Number.isNaN(x) || Number.isNaN(y) ? a.localeCompare(b, "en", { numeric: true }) : x - y;
  };
  for (const table of all("table.sortable")) {
    all("thead th", table).forEach((head, place) => {
      const button = document.createElement("button");
      button.type = "button";
      button.append(...head.childNodes);
      head.append(button);
      button.addEventListener("click", () => {
        const down = head.getAttribute("aria-sort") === "ascending";
        all("thead th", table).forEach((other) => other.removeAttribute("aria-sort"));
        head.setAttribute("aria-sort", down ? "descending" : "ascending");
        const body = table.tBodies[0];
        const rows = [...body.rows].map((row) => [valueOf(row.cells[place]), row]);
        rows.sort((a, b) => (a[0] === "" || b[0] === "" ? compare(a[0], b[0]) : (down ? -1 : 1) * compare(a[0], b[0])));
        body.append(...rows.map(([, row]) => row));
      });
    });
  }

  const form = document.querySelector("form.filter");
  if (form) {
    const holder = document.getElementById("groups");
    const groups = all(".group", holder).map((node) => ({
      node,
      name: node.dataset.name,
      findings: all(".finding", node).map((finding) => ({ finding, text: finding.textContent.toLowerCase() })),
    }));
    const total = groups.reduce((sum, group) => sum + group.findings.length, 0);
    const status = form.querySelector("[role=status]");
    const { text, outcome, rule, order, unfold } = form.elements;
    const orders = {
      over: (group) => -Math.max(...group.findings.map(({ finding }) => Number(finding.dataset.over))),
      date: (group) => group.findings.map(({ finding }) => finding.dataset.date).sort().at(-1),
      name: (group) => group.name.toLowerCase(),
    };
    const filter = () => {
      const words = text.value.toLowerCase().split(/\s+/).filter(Boolean);
      let shown = 0;
      for (const group of groups) {
        const name = group.name.toLowerCase();
        let any = false;
        for (const { finding, text: content } of group.findings) {
          const keep = (!outcome.value || finding.dataset.outcome === outcome.value)
            && (!rule.value || finding.dataset.rule === rule.value)
            && words.every((word) => content.includes(word) || name.includes(word));
          finding.hidden = !keep;
          any ||= keep;
          shown += keep;
        }
        group.node.hidden = !any;
      }
      status.textContent = `${shown} of ${total} findings shown`;
    };
    const sort = () => {
      const key = orders[order.value];
      const sorted = key ? groups.map((group, place) => [key(group), place, group]) : groups.map((group, place) => [0, place, group]);
      sorted.sort((a, b) => (a[0] < b[0] ? -1 : a[0] > b[0] ? 1 : a[1] - b[1]));
      if (order.value === "date") sorted.reverse();
      holder.append(...sorted.map(([, , group]) => group.node));
    };
    form.hidden = false;
    form.addEventListener("submit", (event) => event.preventDefault());
    form.addEventListener("input", filter);
    order.addEventListener("change", sort);
    unfold.addEventListener("click", () => {
      const open = unfold.textContent === "Unfold all";
      all(".finding > details").forEach((details) => { details.open = open; });
      unfold.textContent = open ? "Fold all" : "Unfold all";
    });
    filter();
  }

  const reveal = () => {
    const target = location.hash && document.getElementById(decodeURIComponent(location.hash.slice(1)));
    if (!target) return;
    const details = target.querySelector(":scope > details");
    if (details) details.open = true;
    for (let node = target; node; node = node.parentElement) if (node.hidden) node.hidden = false;
    target.scrollIntoView();
  };
  addEventListener("hashchange", reveal);
  reveal();
})();
