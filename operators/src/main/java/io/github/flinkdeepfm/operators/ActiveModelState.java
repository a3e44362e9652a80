package io.github.flinkdeepfm.operators;

import java.util.Optional;
import org.apache.flink.api.common.state.BroadcastState;
import org.apache.flink.api.common.state.MapStateDescriptor;
import org.apache.flink.api.common.state.OperatorStateStore;
import org.apache.flink.api.common.typeutils.base.StringSerializer;
import org.apache.flink.api.common.typeutils.base.array.BytePrimitiveArraySerializer;

/**
 * The active model in operator state. Broadcast state, because all subtasks hold the same and any
 * number of them must find it after a rescale.
 */
final class ActiveModelState {
  private static final String NAME = "active-model";
  private static final String KEY = "active";

  private final BroadcastState<String, byte[]> state;
  private ActiveModel active;

  ActiveModelState(OperatorStateStore store) throws Exception {
    state =
        store.getBroadcastState(
            new MapStateDescriptor<>(
                NAME, StringSerializer.INSTANCE, BytePrimitiveArraySerializer.INSTANCE));
  }

  /** What the checkpoint that this attempt started from holds; empty for a fresh start. */
  Optional<ActiveModel> restored() throws Exception {
    return Optional.ofNullable(state.get(KEY)).map(ActiveModel::fromBytes);
  }

  ActiveModel get() {
    return active;
  }

  void set(ActiveModel model) {
    active = model;
  }

  /** Puts the active model where the snapshot under way finds it. */
  void write() throws Exception {
    state.put(KEY, active.toBytes());
  }
}
