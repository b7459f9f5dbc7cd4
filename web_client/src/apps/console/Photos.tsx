/** Photos that patrols sent of an incident: small here, whole in a tab of their own. */
import { useEffect, useState, type ReactNode } from "react";
import { fill } from "../../i18n";
import { problemText, timeOfDay } from "../../i18n/format";
import { photosNoted } from "../../model/incidents";
import { api, ApiError, photoUrl } from "../../wire/api";
import type { Incident, PhotoView, Problem } from "../../wire/types.gen";
import { useUi } from "../shared/ui";

interface Props {
  readonly incident: Incident;
  readonly live: boolean;
  names(team: string): string;
}

/** Nothing where there are none; read anew whenever the log notes another one. */
export function Photos({ incident, live, names }: Props): ReactNode {
  const { t } = useUi();
  const { photos, problem } = usePhotos(incident, live);
  if (problem !== null) return <p className="bad">{t.desk.photos.title}: {problemText(t, problem).message}</p>;
  if (photos.length === 0) return null;
  return (
    <section className="part">
      <h3>{t.desk.photos.title} <span className="soft">{photos.length}</span></h3>
      <ul className="photos">
        {photos.map((photo) => {
          const about = fill(t.desk.photos.about, { team: names(photo.team), time: timeOfDay(photo.taken_ms) });
          return (
            <li key={photo.digest}>
              <a href={photoUrl(photo.digest)} target="_blank" rel="noreferrer" title={t.desk.photos.open}>
                <img src={photoUrl(photo.digest)} alt={about} loading="lazy" decoding="async" />
              </a>
              <small>{about}</small>
            </li>
          );
        })}
      </ul>
    </section>
  );
}

interface Read {
  readonly of: string;
  readonly photos: readonly PhotoView[];
  readonly problem: Problem | null;
}

function usePhotos({ incident, merged, notes }: Incident, live: boolean): Omit<Read, "of"> {
  const [read, setRead] = useState<Read>({ of: "", photos: [], problem: null });
  const noted = photosNoted(notes).join();
  const joined = merged.join();
  useEffect(() => {
    if (!live) return undefined;
    let old = false;
    const tell = (photos: readonly PhotoView[], problem: Problem | null): void => void (old || setRead({ of: incident, photos, problem }));
    api.photos(incident).then(
      (photos) => tell(photos, null),
      (error: unknown) => {
        if (!(error instanceof ApiError)) throw error;
        tell([], error.problem);
      },
    );
    return () => {
      old = true;
    };
  }, [incident, joined, noted, live]);
  return read.of === incident ? read : { photos: [], problem: null };
}
