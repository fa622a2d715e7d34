// Comfort on top of pages that work without it. Everything is delegated from the
// document, so that fragments swapped in by htmx need no set-up of their own.
"use strict";

const all = (selector) => document.querySelectorAll(selector);

function announce(sentence) {
  document.getElementById("announcer").textContent = sentence;
}

// Copying: <button data-copy="id of an input or code" data-copied="Copied">
async function copy(button) {
  const source = document.getElementById(button.dataset.copy);
  const text = source.value ?? source.textContent;
  try {
    await navigator.clipboard.writeText(text);
  } catch {
    // No permission, or a page without https: leave it selected for the keyboard.
    if (source.select) source.select();
    else getSelection().selectAllChildren(source);
    return;
  }
  const word = button.querySelector("[data-copy-word]");
  const before = word.textContent;
  if (before === button.dataset.copied) return;
  word.textContent = button.dataset.copied;
  announce(button.dataset.copied);
  setTimeout(() => { word.textContent = before; announce(""); }, 2000);
}

// Dialogs: <a href="/the/page" data-dialog="id">; the page is for browsers without this file.
function openDialog(opener) {
  const dialog = document.getElementById(opener.dataset.dialog);
  if (!dialog) return false;
  dialog.addEventListener("close", () => opener.focus(), { once: true });
  dialog.showModal();
  return true;
}

// Menus: <details class="menu">
function closeMenus(except) {
  for (const menu of all("details.menu[open]")) if (!menu.contains(except)) menu.open = false;
}

// A menu in a scrolling table would be cut off at the table's edge.
function floatMenu(menu) {
  if (!menu.open || !menu.closest(".table-region")) return;
  const opener = menu.querySelector("summary").getBoundingClientRect();
  const panel = menu.querySelector(".menu-panel");
  Object.assign(panel.style, { position: "fixed", inset: "auto" });
  const fits = opener.bottom + panel.offsetHeight + 8 < innerHeight;
  panel.style.top = `${fits ? opener.bottom + 4 : opener.top - panel.offsetHeight - 4}px`;
  panel.style.left = `${Math.max(8, opener.right - panel.offsetWidth)}px`;
}

function toggleSidebar(toggle, open) {
  const sidebar = document.getElementById("sidebar");
  sidebar.classList.toggle("is-open", open);
  toggle.setAttribute("aria-expanded", sidebar.classList.contains("is-open"));
}

// Buttons that wait: for the word to be typed, for the box to be ticked.
function guard(control) {
  if (control.dataset.confirmWord !== undefined) {
    for (const button of control.form.querySelectorAll("button:not([type=button])")) {
      button.disabled = control.value.trim() !== control.dataset.confirmWord;
    }
  }
  if (control.dataset.enables) {
    document.getElementById(control.dataset.enables).disabled = !control.checked;
  }
}

// Several rows: data-select-all="name" ticks them, data-bulk="name" is the bar that counts them.
function countSelected(name) {
  const rows = [...all(`input[type=checkbox][name="${name}"]`)];
  const ticked = rows.filter((row) => row.checked).length;
  for (const box of all(`[data-select-all="${name}"]`)) {
    box.checked = ticked > 0 && ticked === rows.length;
    box.indeterminate = ticked > 0 && ticked < rows.length;
  }
  for (const bar of all(`[data-bulk="${name}"]`)) {
    bar.hidden = ticked === 0;
    const count = bar.querySelector("[data-bulk-count]");
    count.textContent = count.dataset.bulkCount.replace("{n}", ticked);
  }
}

function prepare() {
  for (const input of all("input[type=file]")) nameFile(input);
  for (const control of all("[data-confirm-word], [data-enables]")) guard(control);
  for (const bar of all("[data-bulk]")) countSelected(bar.dataset.bulk);
}

document.addEventListener("click", (event) => {
  closeMenus(event.target);
  const plainClick = !event.ctrlKey && !event.metaKey && !event.shiftKey;
  const target = event.target.closest("[data-copy], [data-dialog], [data-close], [data-sidebar-toggle], dialog");
  if (!target) return;
  if (target.dataset.copy) copy(target);
  else if (target.dataset.dialog && plainClick && openDialog(target)) event.preventDefault();
  else if ("close" in target.dataset) target.closest("dialog").close();
  else if ("sidebarToggle" in target.dataset) { toggleSidebar(target); event.preventDefault(); }
  else if (target === event.target && target.localName === "dialog") target.close();
});

// A menu that the keyboard has left would lie over what comes after it.
document.addEventListener("focusin", (event) => closeMenus(event.target));

document.addEventListener("toggle", (event) => {
  if (event.target.matches("details.menu")) floatMenu(event.target);
}, true);

document.addEventListener("scroll", (event) => {
  if (!event.target.closest?.(".menu-panel")) for (const menu of all(".table-region .menu[open]")) menu.open = false;
}, true);

document.addEventListener("keydown", (event) => {
  if (event.key === "Escape") {
    const menu = document.activeElement.closest("details.menu[open]");
    closeMenus(null);
    menu?.querySelector("summary").focus();
  }
  const typing = event.target.closest("input:not([type=checkbox], [type=radio]), select, textarea, dialog, [contenteditable]");
  if (event.key === "/" && !typing && !event.ctrlKey && !event.metaKey && !event.altKey) {
    const search = document.querySelector("main input[type=search]");
    if (search) { search.focus(); event.preventDefault(); }
  }
});

// The chosen file's name, in place of the browser's words.
function nameFile(input) {
  const name = input.closest(".file-input")?.querySelector("[data-file-name]");
  if (name) name.textContent = input.files[0]?.name ?? name.dataset.fileName;
}

document.addEventListener("input", (event) => guard(event.target));

document.addEventListener("change", (event) => {
  const { target } = event;
  if (target.type === "file") nameFile(target);
  if (target.dataset.selectAll) {
    for (const row of all(`input[type=checkbox][name="${target.dataset.selectAll}"]`)) row.checked = target.checked;
    countSelected(target.dataset.selectAll);
  } else if (target.type === "checkbox" && target.name) {
    countSelected(target.name);
  }
  if (target.localName === "select" && target.form?.matches("[data-autosubmit]")) {
    sessionStorage.setItem("focus", target.id);
    target.form.requestSubmit();
  }
});

// What takes its time says so. A second press of the button would send the form twice.
const PATIENCE = 500, AT_MOST = 30_000;

function rest(form) {
  delete form.dataset.sent;
  for (const button of form.querySelectorAll("[aria-busy]")) button.removeAttribute("aria-busy");
}

document.addEventListener("submit", (event) => {
  const { target: form, submitter } = event;
  if (event.defaultPrevented || form.method !== "post") return;
  if ("sent" in form.dataset) { event.preventDefault(); return; }
  form.dataset.sent = "";
  setTimeout(() => {
    submitter?.setAttribute("aria-busy", "true");
    announce(document.getElementById("announcer").dataset.working);
  }, PATIENCE);
  // A download leaves the page where it is.
  setTimeout(rest, AT_MOST, form);
});

// A hidden tab does not poll.
document.addEventListener("htmx:beforeRequest", (event) => {
  if (document.hidden && event.target.getAttribute("hx-trigger")?.includes("every")) event.preventDefault();
});
document.addEventListener("htmx:afterSwap", prepare);

// Also after the back button, when browsers restore what was typed and ticked.
addEventListener("pageshow", () => {
  for (const form of all("form[data-sent]")) rest(form);
  prepare();
  const toggle = document.querySelector("[data-sidebar-toggle]");
  if (toggle) {
    toggle.setAttribute("role", "button");
    toggle.setAttribute("aria-controls", "sidebar");
    toggleSidebar(toggle, false);
  }
  const last = sessionStorage.getItem("focus");
  sessionStorage.removeItem("focus");
  if (last) document.getElementById(last)?.focus({ preventScroll: true });
});
