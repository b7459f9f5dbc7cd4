import { StrictMode } from "react";
import { createRoot } from "react-dom/client";
import { UiProvider } from "../shared/ui";
import { App } from "./App";
import { ConsoleStore } from "./store";
import "./styles/tokens.css";
import "./styles/layout.css";
import "./styles/panel.css";
import "./styles/cards.css";

const root = document.getElementById("root");
if (root === null) throw new Error("index.html has no #root");
const store = new ConsoleStore();
store.start();
createRoot(root).render(
  <StrictMode>
    <UiProvider>
      <App store={store} />
    </UiProvider>
  </StrictMode>,
);
