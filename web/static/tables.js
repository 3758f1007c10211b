// Tables that the server shows whole: sorted by their heads, searched, paged, taken away as CSV.
// Without scripts they are what they were. Tables that the server arranges are left alone.
"use strict";
{
  const PAGE = 50;
  const FEW = 8; // rows that nobody needs to search
  const words = document.body.dataset;
  const FORMULA = /^[=+\-@\t\r]/; // a cell that begins so would be run by a spreadsheet (OWASP)

  function textOf(cell) {
    return cell.innerText.trim().replace(/\s+/g, " ");
  }

  function orderOf(text) {
    const number = Number(text.replace(/[\s,]/g, "").replace(/[^\d.+-].*$/, ""));
    return /^[+-]?[\d.,\s]+/.test(text) && !/^\d{4}-\d\d/.test(text) && !Number.isNaN(number) ? number : text.toLowerCase();
  }

  function compare(a, b) {
    const [x, y] = [orderOf(a), orderOf(b)];
    if (typeof x === typeof y) return x < y ? -1 : x > y ? 1 : 0;
    return typeof x === "number" ? -1 : 1;
  }

  function csvCell(text) {
    const safe = FORMULA.test(text) ? `'${text}` : text;
    return `"${safe.replaceAll('"', '""')}"`;
  }

  class Arranged {
    constructor(table) {
      this.table = table;
      this.body = table.tBodies[0];
      this.rows = [...this.body.rows];
      this.heads = [...table.tHead.rows[0].cells];
      this.query = "";
      this.page = 0;
      this.heads.forEach((head, at) => this.sortable(head, at));
      this.tools();
      this.show();
    }

    sortable(head, at) {
      if (!head.textContent.trim()) return;
      const button = document.createElement("button");
      button.type = "button";
      button.className = "plain sort";
      button.textContent = head.textContent;
      head.replaceChildren(button);
      button.addEventListener("click", () => {
        const down = head.getAttribute("aria-sort") === "ascending";
        for (const one of this.heads) one.removeAttribute("aria-sort");
        head.setAttribute("aria-sort", down ? "descending" : "ascending");
        this.rows.sort((a, b) => (down ? -1 : 1) * compare(textOf(a.cells[at]), textOf(b.cells[at])));
        this.page = 0;
        this.show();
      });
    }

    tools() {
      const line = document.createElement("p");
      line.className = "table-tools";
      if (this.rows.length > FEW) {
        const find = document.createElement("input");
        find.type = "search";
        find.setAttribute("aria-label", words.find);
        find.placeholder = words.find;
        find.addEventListener("input", () => {
          this.query = find.value.trim().toLowerCase();
          this.page = 0;
          this.show();
        });
        line.append(find);
      }
      this.pager = document.createElement("span");
      this.before = this.turn(words.before, -1);
      this.after = this.turn(words.after, 1);
      const take = document.createElement("button");
      take.type = "button";
      take.className = "plain";
      take.textContent = "CSV";
      take.addEventListener("click", () => this.take());
      line.append(this.before, this.pager, this.after, take);
      this.table.after(line);
    }

    turn(word, step) {
      const button = document.createElement("button");
      button.type = "button";
      button.className = "plain";
      button.textContent = word;
      button.addEventListener("click", () => {
        this.page += step;
        this.show();
      });
      return button;
    }

    found() {
      return this.rows.filter((row) => row.textContent.toLowerCase().includes(this.query));
    }

    show() {
      const found = this.found();
      const pages = Math.max(1, Math.ceil(found.length / PAGE));
      this.body.replaceChildren(...found.slice(this.page * PAGE, (this.page + 1) * PAGE));
      this.before.hidden = this.page === 0;
      this.after.hidden = this.page + 1 >= pages;
      this.pager.textContent = pages > 1 ? `${this.page + 1}/${pages}` : "";
    }

    take() {
      const lines = [this.heads.map(textOf), ...this.found().map((row) => [...row.cells].map(textOf))];
      const text = `\ufeff${lines.map((line) => line.map(csvCell).join(",")).join("\r\n")}\r\n`;
      const link = document.createElement("a");
      link.href = URL.createObjectURL(new Blob([text], { type: "text/csv" }));
      link.download = `${document.title.split(" · ")[0]}.csv`;
      link.click();
      URL.revokeObjectURL(link.href);
    }
  }

  for (const table of document.querySelectorAll("table.stack:not([data-arranged])")) {
    const plain = table.tHead && table.tBodies.length === 1 && !table.closest("[data-part]");
    if (plain && table.tBodies[0].rows.length > 1) new Arranged(table);
  }
}
