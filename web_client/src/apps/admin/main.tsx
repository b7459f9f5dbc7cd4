import { StrictMode } from "react";
import { createRoot } from "react-dom/client";
import { Door } from "../shared/Door";
import { UiProvider } from "../shared/ui";
import { Admin } from "./Admin";
import "./admin.css";

const root = document.getElementById("root");
if (root === null) throw new Error("admin.html has no #root");
createRoot(root).render(
  <StrictMode>
    <UiProvider>
      <Door>{(session, signOut) => <Admin key={session.account} session={session} signOut={signOut} />}</Door>
    </UiProvider>
  </StrictMode>,
);
