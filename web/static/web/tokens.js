/** The signed-in person's account: projects and API tokens. */

/** @import {ApiToken, Me} from "./types.js" */
import { copyButton } from "./ui/copy.js";
import { confirmAct, toast, toastError } from "./ui/dialogs.js";
import { byId, fill, h } from "./ui/dom.js";
import { formatAgo } from "./ui/format.js";
import { icon } from "./ui/icons.js";
import { api } from "./ui/page_api.js";
import { emptyState, failedState, panel } from "./ui/parts.js";
import { keepUnsaved } from "./ui/unsaved.js";

const page = byId("page", HTMLElement);

/** @param {ApiToken} token */
function tokenRow(token) {
  const revoke = async () => {
    if (!(await confirmAct({ title: `Revoke ${token.name}?`, text: "Programs that use this token are refused from now on. This cannot be taken back.", act: "Revoke", danger: true }))) return;
    await api.tokens.revoke(token.id).catch(toastError);
    await load(null);
  };
  return h(
    "tr",
    {},
    h("td", {}, token.name),
    h("td", { class: "muted" }, formatAgo(token.created_at)),
    h("td", { class: "muted" }, token.last_used_at ? formatAgo(token.last_used_at) : "never"),
    h("td", { class: "actions" }, h("button", { class: "btn btn-ghost btn-small", type: "button", "aria-label": `Revoke ${token.name}`, onclick: revoke }, icon("trash"), "Revoke")),
  );
}

/** @param {string} secret */
function newSecret(secret) {
  return h(
    "div",
    { class: "panel-body stack", role: "status" },
    h("p", { class: "muted" }, "Copy the token now. It is not shown again."),
    h("div", { class: "secret" }, h("code", { class: "grow wrap-anywhere" }, secret), copyButton(secret, "Copy the token")),
    h("p", { class: "faint small" }, "Send it as ", h("code", {}, "Authorization: Token …"), ". What can be asked is described at ", h("a", { href: "/api/schema" }, "/api/schema"), "."),
  );
}

function createForm() {
  const name = h("input", { class: "input", name: "name", required: true, maxlength: 60, placeholder: "What the new token is for", autocomplete: "off" });
  const form = h("form", { class: "panel-body row" }, h("label", { class: "grow" }, h("span", { class: "visually-hidden" }, "Name of a new token"), name), h("button", { class: "btn", type: "submit" }, icon("plus"), "Create token"));
  keepUnsaved(form);
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    try {
      const { token } = await api.tokens.create(name.value.trim());
      await load(token);
    } catch (error) {
      toastError(error);
    }
  });
  return form;
}

/** Staff make the accounts; the person changes the first password. */
function accountForm() {
  const username = h("input", { class: "input", name: "username", required: true, maxlength: 150, autocomplete: "off", autocapitalize: "none", spellcheck: "false" });
  const password = h("input", { class: "input", name: "password", type: "password", required: true, autocomplete: "new-password" });
  const label = (/** @type {string} */ text, /** @type {HTMLElement} */ input) => h("label", { class: "field" }, h("span", {}, text), input);
  const form = h("form", { class: "panel-body form-row" }, label("Username", username), label("First password", password), h("button", { class: "btn", type: "submit" }, icon("plus"), "Add"));
  keepUnsaved(form);
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    try {
      const added = await api.addPerson(username.value.trim(), password.value);
      form.reset();
      toast(`${added.username} can sign in now. Give them a role in a project's settings.`, "good");
    } catch (error) {
      toastError(error);
    }
  });
  return form;
}

/** @param {Me} me */
function projects(me) {
  const rows = me.projects.map((project) => h("tr", {}, h("td", {}, h("a", { href: `/projects/${project.slug}` }, project.name)), h("td", { class: "muted" }, project.role)));
  return panel("Projects", [rows.length > 0 ? h("table", { class: "table" }, h("tbody", {}, rows)) : emptyState({ symbol: "users", title: "No projects", text: "Ask the owner of a project to add you." })]);
}

/** @param {string | null} secret of a token made just now */
async function load(secret) {
  try {
    const me = await api.me();
    const head = h("tr", {}, ["Name", "Created", "Last used", ""].map((text) => h("th", {}, text)));
    const table = me.tokens.length > 0 ? h("table", { class: "table" }, h("thead", {}, head), h("tbody", {}, me.tokens.map(tokenRow))) : h("p", { class: "panel-body muted" }, "No tokens. Programs sign in with one instead of your password.");
    fill(page, h("div", { class: "page-head" }, h("h1", {}, me.username), me.is_staff && h("span", { class: "chip" }, "Staff"), h("span", { class: "grow" }), h("a", { class: "btn", href: "/me/password" }, "Change password")), panel("API tokens", [secret !== null && newSecret(secret), table, createForm()]), projects(me), me.is_staff && panel("New account", [accountForm()]));
  } catch (error) {
    fill(page, failedState(error, () => void load(secret)));
  }
  page.setAttribute("aria-busy", "false");
}

void load(null);
if (new URLSearchParams(location.search).get("changed") === "password") {
  history.replaceState(null, "", location.pathname);
  toast("Your password is changed.", "good");
}
