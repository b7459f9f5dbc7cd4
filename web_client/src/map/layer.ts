/** What a layer file is: the names of its sources, and its layers in a palette; data comes by `fillSource`. */
import type { FeatureCollection } from "geojson";
import type { GeoJSONSource, GeoJSONSourceSpecification, LayerSpecification, Map as MapLibre } from "maplibre-gl";
import type { Palette } from "./style";

/** One theme of the map. */
export interface MapLayer {
  readonly sources: Readonly<Record<string, Omit<GeoJSONSourceSpecification, "type" | "data">>>;
  layers(palette: Palette): LayerSpecification[];
}

/** A collection with nothing in it. */
export const NOTHING: FeatureCollection = { type: "FeatureCollection", features: [] };

/** Put a layer on the map, above those that are there, or below the layer `before`. */
export function install(map: MapLibre, layer: MapLayer, palette: Palette, before?: string): void {
  for (const [name, options] of Object.entries(layer.sources)) {
    map.addSource(name, { type: "geojson", data: NOTHING, ...options });
  }
  for (const one of layer.layers(palette)) map.addLayer(one, before);
}

/** Give a layer's paint another palette. */
export function repaint(map: MapLibre, layer: MapLayer, palette: Palette): void {
  for (const one of layer.layers(palette)) {
    for (const [name, value] of Object.entries(one.paint ?? {})) {
      map.setPaintProperty(one.id, name as Parameters<MapLibre["setPaintProperty"]>[1], value);
    }
  }
}

/** Replace the data of a source. */
export function fillSource(map: MapLibre, name: string, data: FeatureCollection): void {
  map.getSource<GeoJSONSource>(name)?.setData(data);
}
