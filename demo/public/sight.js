// What any script on this page could find, counted each time it is shown. Values are never read out.

/** @returns {[string, string][]} rows for a receipt */
export function sight() {
  const cookies = document.cookie.split(";").filter((pair) => pair.trim() !== "").length;
  return [
    ["document.cookie", String(cookies)],
    ["localStorage", String(localStorage.length)],
    ["sessionStorage", String(sessionStorage.length)],
  ];
}
