package io.github.flinkdeepfm.model.modules;

import java.util.Optional;
import java.util.Set;

/**
 * Which names a table may have: TorchRec keeps its tables in a PyTorch {@code ModuleDict}, where a
 * name is a step in the state_dict's dotted paths and must not hide an attribute.
 */
public final class TableNames {

  /** Public attributes of {@code torch.nn.ModuleDict}, PyTorch 2. */
  private static final Set<String> RESERVED =
      Set.of(
          "T_destination",
          "add_module",
          "apply",
          "bfloat16",
          "buffers",
          "call_super_init",
          "children",
          "clear",
          "compile",
          "cpu",
          "cuda",
          "double",
          "dump_patches",
          "eval",
          "extra_repr",
          "float",
          "forward",
          "get_buffer",
          "get_extra_state",
          "get_parameter",
          "get_submodule",
          "half",
          "ipu",
          "items",
          "keys",
          "load_state_dict",
          "modules",
          "mtia",
          "named_buffers",
          "named_children",
          "named_modules",
          "named_parameters",
          "parameters",
          "pop",
          "register_backward_hook",
          "register_buffer",
          "register_forward_hook",
          "register_forward_pre_hook",
          "register_full_backward_hook",
          "register_full_backward_pre_hook",
          "register_load_state_dict_post_hook",
          "register_load_state_dict_pre_hook",
          "register_module",
          "register_parameter",
          "register_state_dict_post_hook",
          "register_state_dict_pre_hook",
          "requires_grad_",
          "set_extra_state",
          "set_submodule",
          "share_memory",
          "state_dict",
          "to",
          "to_empty",
          "train",
          "training",
          "type",
          "update",
          "values",
          "xpu",
          "zero_grad");

  private TableNames() {}

  /** Why a table cannot have this name, as "expected X, got Y"; empty if it can. */
  public static Optional<String> problemWith(String name) {
    if (name.isEmpty()) {
      return Optional.of("expected a table name, got the empty string");
    }
    if (name.contains(".")) {
      return Optional.of("expected a table name without a dot, got " + name);
    }
    if (RESERVED.contains(name)) {
      return Optional.of(
          "expected a table name that is no attribute of PyTorch's ModuleDict, got " + name);
    }
    return Optional.empty();
  }
}
