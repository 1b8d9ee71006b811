/** Outlines of the land (Natural Earth, by world-atlas) as paths in degrees. */

interface Topology {
  transform: { scale: [number, number]; translate: [number, number] };
  arcs: [number, number][][];
  objects: { land: { geometries: { arcs: number[][][] }[] } };
}

/** A path whose coordinates are longitude and latitude. Arcs are deltas of whole numbers (the TopoJSON format). */
export function landPath(topology: Topology): Path2D {
  const { scale, translate } = topology.transform;
  const arcs = topology.arcs.map((deltas) => {
    let [x, y] = [0, 0];
    return deltas.map(([east, north]) => {
      x += east;
      y += north;
      return [x * scale[0] + translate[0], y * scale[1] + translate[1]] as const;
    });
  });
  const path = new Path2D();
  for (const geometry of topology.objects.land.geometries) {
    for (const ring of geometry.arcs.flat()) {
      let turned = 0; // degrees by which the ring has run past the dateline
      let [first, last] = [NaN, NaN];
      for (const number of ring) {
        const points = number < 0 ? [...arcs[~number]!].reverse() : arcs[number]!;
        for (const [lon, lat] of points) {
          if (lon + turned - last > 180) turned -= 360;
          else if (last - lon - turned > 180) turned += 360;
          if (Number.isNaN(last)) path.moveTo((first = lon), lat);
          else path.lineTo(lon + turned, lat);
          last = lon + turned;
        }
      }
      if (turned) {
        // Once around the Earth: what it encloses is the pole.
        path.lineTo(last, -90);
        path.lineTo(first, -90);
      }
      path.closePath();
    }
  }
  return path;
}

/** The coarse outlines serve the world, the fine ones a country; each is fetched when it is first needed. */
export async function coarseLand(): Promise<Path2D> {
  return landPath((await import("world-atlas/land-110m.json")).default as unknown as Topology);
}

export async function fineLand(): Promise<Path2D> {
  return landPath((await import("world-atlas/land-50m.json")).default as unknown as Topology);
}
