package io.github.flinkdeepfm.pipeline.replay;

import io.github.flinkdeepfm.pipeline.replay.Range.Part;
import io.github.flinkdeepfm.pipeline.replay.Range.Span;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/**
 * Which offsets each version's job reads: from the first score that names the version to the last,
 * and the dead letters that it may have made, by partition. Versions follow each other within a
 * partition, so these spans hardly overlap. Gaps between them go to the span that follows, so that
 * every event of the range is read by some job and one without a score is found.
 */
final class Schedule {
  private Schedule() {}

  private record Tile(int version, long from, long to) {}

  /**
   * @param usable numbers of the versions that can be scored with
   * @return spans by version number, then by partition; empty if no version is usable
   */
  static Map<Integer, Map<Integer, Span>> of(Range range, ScoreIndex index, Set<Integer> usable) {
    Map<Integer, Map<Integer, Span>> schedule = new TreeMap<>();
    if (usable.isEmpty()) {
      return schedule;
    }
    int any = usable.iterator().next();
    range
        .parts()
        .forEach(
            (partition, part) -> {
              for (Tile tile : tiles(part, index.partition(partition), usable, any)) {
                if (tile.from() < tile.to()) {
                  schedule
                      .computeIfAbsent(tile.version(), v -> new TreeMap<>())
                      .put(partition, new Span(tile.from(), tile.to()));
                }
              }
            });
    return schedule;
  }

  private static void lengthen(Map<Integer, Tile> tiles, int version, long offset) {
    tiles.merge(
        version,
        new Tile(version, offset, offset + 1),
        (before, now) -> new Tile(version, before.from(), now.to()));
  }

  private static List<Tile> tiles(
      Part part, PartitionScores scores, Set<Integer> usable, int otherwise) {
    Map<Integer, Tile> named = new TreeMap<>();
    scores.forEach(
        (offset, flags) -> {
          if (offset >= part.from() && (flags & PartitionScores.SCORED) != 0) {
            lengthen(named, scores.version(offset), offset);
          } else if (offset >= part.from() && (flags & PartitionScores.DEAD) != 0) {
            lengthen(named, scores.versionBefore(offset), offset);
            lengthen(named, scores.versionAfter(offset), offset);
          }
        });
    named.keySet().retainAll(usable);
    List<Tile> tiles = new ArrayList<>();
    long next = part.from();
    for (Tile tile :
        named.values().stream().sorted(Comparator.comparingLong(Tile::from)).toList()) {
      tiles.add(new Tile(tile.version(), Math.min(tile.from(), next), tile.to()));
      next = Math.max(next, tile.to());
    }
    if (tiles.isEmpty()) {
      return List.of(new Tile(otherwise, part.from(), part.to()));
    }
    for (int i = 0; i < tiles.size(); i++) {
      if (tiles.get(i).to() == next) {
        tiles.set(i, new Tile(tiles.get(i).version(), tiles.get(i).from(), part.to()));
        return tiles;
      }
    }
    return tiles;
  }
}
