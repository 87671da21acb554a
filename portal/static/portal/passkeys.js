// Passkeys: asks the browser, puts its answer into the form's hidden field, sends the form.
// <form data-passkey="create|get"> with <script type="application/json" id="passkey-options">, or data-passkey-options
// for the address that gives them. Without a browser that knows passkeys such a form stays hidden, or says so.
"use strict";

(() => {
  const toBytes = (text) => {
    const binary = atob(text.replace(/-/g, "+").replace(/_/g, "/"));
    return Uint8Array.from(binary, (letter) => letter.charCodeAt(0)).buffer;
  };
  const toText = (buffer) =>
    btoa(String.fromCharCode(...new Uint8Array(buffer))).replace(/\+/g, "-").replace(/\//g, "_").replace(/=/g, "");

  const decoded = (options) => {
    const asked = options.publicKey;
    asked.challenge = toBytes(asked.challenge);
    if (asked.user) asked.user.id = toBytes(asked.user.id);
    for (const list of [asked.excludeCredentials, asked.allowCredentials]) {
      for (const one of list || []) one.id = toBytes(one.id);
    }
    return { publicKey: asked };
  };

  const encoded = (credential) => {
    const response = { clientDataJSON: toText(credential.response.clientDataJSON) };
    for (const name of ["attestationObject", "authenticatorData", "signature", "userHandle"]) {
      if (credential.response[name]) response[name] = toText(credential.response[name]);
    }
    if (credential.response.getTransports) response.transports = credential.response.getTransports();
    return JSON.stringify({
      id: credential.id,
      rawId: toText(credential.rawId),
      type: credential.type,
      response,
      clientExtensionResults: credential.getClientExtensionResults(),
    });
  };

  const optionsOf = async (form) => {
    const address = form.dataset.passkeyOptions;
    if (!address) return JSON.parse(document.getElementById("passkey-options").textContent);
    const answer = await fetch(address, { headers: { Accept: "application/json" } });
    if (!answer.ok) throw new Error(String(answer.status));
    return answer.json();
  };

  const ask = async (form) => {
    const error = form.querySelector("[data-passkey-error]");
    error.hidden = true;
    try {
      const options = decoded(await optionsOf(form));
      const credential =
        form.dataset.passkey === "create" ? await navigator.credentials.create(options) : await navigator.credentials.get(options);
      form.elements[form.dataset.passkeyField || "credential"].value = encoded(credential);
      form.submit();
    } catch {
      error.hidden = false; // refused, timed out, or no passkey here
    }
  };

  for (const form of document.querySelectorAll("form[data-passkey]")) {
    if (!window.PublicKeyCredential || !navigator.credentials) continue;
    const missing = form.querySelector("[data-passkey-missing]");
    if (missing) missing.hidden = true;
    const button = form.querySelector("[data-passkey-button]");
    if (button) {
      button.hidden = false;
      button.addEventListener("click", () => ask(form));
      continue;
    }
    form.hidden = false;
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      if (form.dataset.passkey !== "create" || form.elements.name.value.trim()) ask(form);
      else form.elements.name.focus();
    });
  }
})();
