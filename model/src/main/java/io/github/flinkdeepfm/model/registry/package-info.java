/**
 * Schema registries of other makers: which schema an event was written with.
 *
 * <p>Enters: the frame in front of an event, and an HTTP API. Leaves: the id in the frame, and the
 * text of that id's schema. Read {@link io.github.flinkdeepfm.model.registry.Framing} first.
 */
package io.github.flinkdeepfm.model.registry;
