// Rendered on the server, which builds the URL of a login as well.

import { loginUrl } from "tillgate";
import { Login } from "./login.js";

export default function Page() {
  const { url } = loginUrl({ clientId: "A", region: "eu" });
  return (
    <main>
      <p id="rendered">{url.split("&state=")[0]}</p>
      <Login />
    </main>
  );
}
