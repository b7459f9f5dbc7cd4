/** Trackers: programs that send the positions of a team. */
import { useState, type ReactNode } from "react";
import { fill } from "../../i18n";
import { admin } from "../../wire/admin";
import type { SessionView, TrackerTokenView } from "../../wire/types.gen";
import { ForTeam, TeamTitle } from "./ForTeam";
import { Battery, moment, Said, Secret, Seen, Sure, useListing, useWords } from "./parts";

/** The tab of trackers. */
export function Trackers({ session }: { session: SessionView }): ReactNode {
  const words = useWords();
  const listing = useListing(admin.trackers);
  const [token, setToken] = useState<TrackerTokenView | null>(null);
  const may = new Set(session.may);
  const rows = listing.rows ?? [];
  return (
    <>
      {may.has("confirm_devices")
        ? <ForTeam label={words.trackers.add} onTeam={(team) => listing.act(() => admin.addTracker(team, "tracker").then(setToken))} />
        : <p className="soft">{words.trackers.supervisorOnly}</p>}
      {token !== null && <Secret title={fill(words.token, { team: token.team })} secret={token.token} how={words.tokenHow} onDone={() => setToken(null)} />}
      <Said problem={listing.problem} />
      {listing.rows === null ? <p className="soft">{words.loading}</p> : rows.length === 0 ? <p className="soft">{words.empty}</p> : (
        <table>
          <thead><tr><th>{words.team}</th><th>{words.name}</th><th>{words.seen}</th><th>{words.battery}</th><th>{words.made}</th><th>{words.by}</th><th /></tr></thead>
          <tbody>
            {rows.map((row) => (
              <tr key={row.tracker}>
                <td><TeamTitle team={row.team} /></td>
                <td>{row.name} <span className="soft">{row.tracker}</span></td>
                <td><Seen connected={false} seen_ms={row.seen_ms} /></td>
                <td><Battery percent={row.battery} /></td>
                <td>{moment(row.made_ms)}</td>
                <td>{row.by}</td>
                <td className="acts">{may.has("revoke_devices") && <Sure label={words.trackers.revoke} onSure={() => listing.act(() => admin.revokeTracker(row.tracker))} />}</td>
              </tr>
            ))}
          </tbody>
        </table>
      )}
    </>
  );
}
