import { StrictMode } from "react";
import { createRoot } from "react-dom/client";
import { Door } from "../shared/Door";
import { UiProvider } from "../shared/ui";
import { Console } from "./Console";
import "../shared/tokens.css";
import "./styles/layout.css";
import "./styles/panel.css";
import "./styles/cards.css";
import "./styles/desk.css";
import "./styles/sos.css";

const root = document.getElementById("root");
if (root === null) throw new Error("index.html has no #root");
createRoot(root).render(
  <StrictMode>
    <UiProvider>
      <Door>{(session, signOut) => <Console key={session.account} session={session} signOut={signOut} />}</Door>
    </UiProvider>
  </StrictMode>,
);
