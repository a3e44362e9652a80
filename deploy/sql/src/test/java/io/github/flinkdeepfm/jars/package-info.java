/**
 * The jars as they are shipped, held against the class path that the tests ran on.
 *
 * <p>Enter: {@code flink-deepfm.jar}, {@code flink-deepfm-job.jar}, {@code flink-deepfm-sql.jar},
 * their SBOMs, what {@code deploy/target/lib} and {@code deploy/target/flink-lib} hold. Leave:
 * findings, one line each; none is a pass. What shading, multi-release folders and class loaders
 * can change is in {@link io.github.flinkdeepfm.jars.JarCheck} (one jar, or jars beside each other)
 * and {@link io.github.flinkdeepfm.jars.Origins} (a jar and what it was made of). {@link
 * io.github.flinkdeepfm.jars.SbomSubset} runs in the build: Maven's SBOM, cut to what a jar
 * carries.
 *
 * <p>Bytes are compared by length and CRC-32, which stand in a jar's directory: the 700 MB of the
 * all-in-one jar are never read, only the constant pools of its classes.
 */
package io.github.flinkdeepfm.jars;
