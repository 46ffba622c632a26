"use client";

import "tillgate/popup";

export default function Popup() {
  return <p>You can close this window.</p>;
}
