/** The console behind its door: connects for who may read the board, and tells the others that it is not for them. */
import { useEffect, useState, type ReactNode } from "react";
import { fill } from "../../i18n";
import type { SessionView } from "../../wire/types.gen";
import { useUi } from "../shared/ui";
import { App } from "./App";
import { ConsoleStore } from "../shared/store";

/** One signed-in person's console; its store lives as long as it is shown. */
export function Console({ session, signOut }: { session: SessionView; signOut(): void }): ReactNode {
  const { t } = useUi();
  const [store] = useState(() => new ConsoleStore());
  const mayRead = session.may.includes("read_board");
  useEffect(() => (mayRead ? store.start() : undefined), [store, mayRead]);
  if (!mayRead) {
    return (
      <main className="door">
        <p>{fill(t.door.notForRole, { role: session.role === null ? "" : t.role[session.role] })}</p>
        <p>
          {(session.may.includes("read_devices") || session.may.includes("manage_accounts")) && <a href="/admin">/admin</a>} {session.may.includes("read_planning") && <a href="/planner">/planner</a>}
        </p>
        <button type="button" onClick={signOut}>{t.door.signOut}</button>
      </main>
    );
  }
  return <App store={store} session={session} signOut={signOut} />;
}
