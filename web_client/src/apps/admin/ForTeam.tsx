/** Choosing a team for a tablet or a tracker, and naming the teams that have one. */
import { createContext, useContext, useEffect, useState, type FormEvent, type ReactNode } from "react";
import { admin } from "../../wire/admin";
import type { TeamName } from "../../wire/types.gen";
import { useUi } from "../shared/ui";
import { useWords } from "./parts";

const Teams = createContext<readonly TeamName[]>([]);

/** Reads the teams of the desk once for all that names them. */
export function TeamsProvider({ wanted, children }: { wanted: boolean; children: ReactNode }): ReactNode {
  const [teams, setTeams] = useState<readonly TeamName[]>([]);
  useEffect(() => {
    if (wanted) admin.teams().then(setTeams, () => undefined); // the list beside it says what is wrong
  }, [wanted]);
  return <Teams value={teams}>{children}</Teams>;
}

/** A team by its name with its id; the id alone where it is unknown. */
export function TeamTitle({ team }: { team: string }): ReactNode {
  const { english } = useUi();
  const known = useContext(Teams).find((one) => one.team === team);
  if (known === undefined) return <b>{team}</b>;
  return <><b>{(english && known.name_en) || known.name}</b> <span className="soft">{team}</span></>;
}

/** A form with the teams of the desk and one button. */
export function ForTeam({ label, onTeam }: { label: string; onTeam(team: string): void }): ReactNode {
  const { english } = useUi();
  const words = useWords();
  const teams = useContext(Teams);
  const [team, setTeam] = useState("");
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    onTeam(team);
  };
  return (
    <form className="add" onSubmit={submit}>
      <label>
        {words.team}
        <select value={team} required onChange={(event) => setTeam(event.target.value)}>
          <option value="" />
          {teams.map((one) => <option key={one.team} value={one.team}>{one.team} {(english && one.name_en) || one.name}</option>)}
        </select>
      </label>
      <button type="submit" className="primary" disabled={team === ""}>{label}</button>
    </form>
  );
}
