/** The administration page: a head, the tabs that a role may see, and one of them. */
import { useEffect, useState, type ReactNode } from "react";
import type { SessionView } from "../../wire/types.gen";
import { useUi } from "../shared/ui";
import { Accounts } from "./Accounts";
import { Audit } from "./Audit";
import { TeamsProvider } from "./ForTeam";
import { Mine } from "./Mine";
import { useWords } from "./parts";
import { Tablets } from "./Tablets";
import { Trackers } from "./Trackers";

const TABS = ["accounts", "tablets", "trackers", "audit", "mine"] as const;
type Tab = (typeof TABS)[number];
const NEEDS: Readonly<Record<Tab, string | null>> = {
  accounts: "manage_accounts",
  tablets: "read_devices",
  trackers: "read_devices",
  audit: "read_audit",
  mine: null,
};

/** Which tabs the acts of a role open; one's own passkeys always. */
export function tabsOf(may: readonly string[]): Tab[] {
  return TABS.filter((tab) => NEEDS[tab] === null || may.includes(NEEDS[tab]));
}

/** The whole page of whoever has signed in. */
export function Admin({ session, signOut }: { session: SessionView; signOut(): void }): ReactNode {
  const { t, look, toggleLanguage, toggleLook } = useUi();
  const words = useWords();
  const tabs = tabsOf(session.may);
  const [tab, setTab] = useTab(tabs);
  useEffect(() => {
    document.title = `${words.tabs[tab]} · ${t.title}`;
  }, [tab, t, words]);
  return (
    <main className="admin">
      <header>
        <h1>{t.title}<small>{words.subtitle}</small></h1>
        <span className="soft">{session.account} · {session.role === null ? "" : t.role[session.role]}</span>
        <button type="button" className="quiet" onClick={toggleLanguage} aria-label={t.switchToLabel}>{t.switchTo}</button>
        <button type="button" className="quiet" onClick={toggleLook} aria-label={look === "day" ? t.style.toNight : t.style.toDay}>{look === "day" ? t.style.night : t.style.day}</button>
        <button type="button" className="quiet" onClick={signOut}>{t.door.signOut}</button>
      </header>
      <nav role="tablist">
        {tabs.map((one) => (
          <button key={one} type="button" role="tab" aria-selected={one === tab} onClick={() => setTab(one)}>{words.tabs[one]}</button>
        ))}
      </nav>
      <section role="tabpanel" aria-label={words.tabs[tab]}>
        <TeamsProvider wanted={session.may.includes("read_devices")}>
          {tab === "accounts" && <Accounts />}
          {tab === "tablets" && <Tablets session={session} />}
          {tab === "trackers" && <Trackers session={session} />}
          {tab === "audit" && <Audit />}
          {tab === "mine" && <Mine />}
        </TeamsProvider>
      </section>
    </main>
  );
}

/** The tab that the address names, so that a reload comes back to it. */
function useTab(tabs: readonly Tab[]): [Tab, (tab: Tab) => void] {
  const [tab, setTab] = useState<Tab>(() => tabs.find((one) => location.hash === `#${one}`) ?? tabs[0] ?? "mine");
  const take = (next: Tab): void => {
    history.replaceState(null, "", `${location.pathname}${location.search}#${next}`);
    setTab(next);
  };
  return [tabs.includes(tab) ? tab : "mine", take];
}
