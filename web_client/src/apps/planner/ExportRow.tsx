/** Taking away what is on the screen: CSV, GeoJSON, a picture, a printed page. */
import { useState, type ReactNode, type RefObject } from "react";
import type { MapHandle } from "./MapArea";
import { useWords } from "./words";

/** Hand a file to the browser. */
export function save(name: string, content: Blob): void {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(content);
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 10_000);
}

/** A file's name with the day in it. */
export function fileName(what: string, ending: string): string {
  const now = new Date();
  const [month, day] = [now.getMonth() + 1, now.getDate()].map((part) => String(part).padStart(2, "0"));
  return `135-${what}-${now.getFullYear()}${month}${day}.${ending}`;
}

interface ExportRowProps {
  readonly may: boolean;
  readonly what: string;
  readonly map?: RefObject<MapHandle | null>;
  readonly csv?: () => string;
  readonly geojson?: () => unknown;
}

/** The buttons for what there is; whoever may not export is told so. */
export function ExportRow({ may, what, map, csv, geojson }: ExportRowProps): ReactNode {
  const w = useWords();
  const [picture, setPicture] = useState<string | null>(null);
  if (!may) return <p className="soft small no-print">{w.export.denied}</p>;
  const png = async (): Promise<void> => {
    const blob = (await map?.current?.png()) ?? null;
    if (blob !== null) save(fileName(what, "png"), blob);
  };
  const print = async (): Promise<void> => {
    const blob = (await map?.current?.png()) ?? null;
    const url = blob === null ? null : URL.createObjectURL(blob);
    setPicture(url);
    if (url !== null) {
      const image = new Image();
      image.src = url;
      await image.decode().catch(() => undefined); // a page without its picture is still worth printing
    }
    setTimeout(() => window.print(), 60);
  };
  return (
    <>
      <div className="row buttons export no-print" role="group" aria-label={w.export.title}>
        <span className="soft">{w.export.title}</span>
        {csv !== undefined && <button type="button" onClick={() => save(fileName(what, "csv"), new Blob([csv()], { type: "text/csv;charset=utf-8" }))}>{w.export.csv}</button>}
        {geojson !== undefined && <button type="button" onClick={() => save(fileName(what, "geojson"), new Blob([JSON.stringify(geojson())], { type: "application/geo+json" }))}>{w.export.geojson}</button>}
        {map !== undefined && <button type="button" onClick={() => void png()}>{w.export.png}</button>}
        <button type="button" onClick={() => void print()}>{w.export.print}</button>
      </div>
      {picture !== null && <img className="print-map" src={picture} alt="" />}
    </>
  );
}
