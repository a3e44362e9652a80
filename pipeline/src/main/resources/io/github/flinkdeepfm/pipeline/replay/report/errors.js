"use strict";
// What goes wrong on this page is shown on it: an empty chart must not look like an empty result.
(function () {
  function show(text) {
    var box = document.createElement("pre");
    box.className = "page-error";
    box.textContent = "This page has an error: " + text;
    document.body.insertBefore(box, document.body.firstChild);
  }
  window.onerror = function (message, source, line, column) {
    show(message + " (line " + line + ", column " + column + ")");
  };
  document.addEventListener("securitypolicyviolation", function (event) {
    show("blocked by " + event.effectiveDirective + ": " + (event.blockedURI || "inline"));
  });
})();
