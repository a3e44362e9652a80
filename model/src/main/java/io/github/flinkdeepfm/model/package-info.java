/**
 * What all packages of the module share: errors that a user has to mend, each naming file, expected
 * and found. Read {@link io.github.flinkdeepfm.model.Problems} first, then the package {@code
 * serving}.
 */
package io.github.flinkdeepfm.model;
