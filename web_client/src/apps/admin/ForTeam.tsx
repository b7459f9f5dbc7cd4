/** Choosing a team for a tablet or a tracker. */
import { useEffect, useState, type FormEvent, type ReactNode } from "react";
import { admin } from "../../wire/admin";
import type { TeamName } from "../../wire/types.gen";
import { useUi } from "../shared/ui";
import { useWords } from "./parts";

/** A form with the teams of the desk and one button. */
export function ForTeam({ label, onTeam }: { label: string; onTeam(team: string): void }): ReactNode {
  const { english } = useUi();
  const words = useWords();
  const [teams, setTeams] = useState<readonly TeamName[]>([]);
  const [team, setTeam] = useState("");
  useEffect(() => {
    admin.teams().then(setTeams, () => undefined); // the list beside it says what is wrong
  }, []);
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
          {teams.map((one) => <option key={one.team} value={one.team}>{one.team} {english ? one.name_en : one.name}</option>)}
        </select>
      </label>
      <button type="submit" className="primary" disabled={team === ""}>{label}</button>
    </form>
  );
}
