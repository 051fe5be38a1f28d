namespace TorchSharp;

public static partial class torch
{
    public static partial class nn
    {
        public partial class Module
        {
            /// <summary>
            /// Parameters and persistent buffers by dotted name. The values are the module's own tensors, not copies.
            /// </summary>
            public virtual Dictionary<string, Tensor> state_dict(Dictionary<string, Tensor>? destination = null, string? prefix = null)
            {
                destination ??= [];
                foreach (var (name, parameter) in named_parameters())
                    destination.TryAdd(Join(prefix, name), parameter);
                foreach (var (name, buffer) in named_buffers(include_nonpersistent: false))
                    destination.TryAdd(Join(prefix, name), buffer);
                foreach (var (name, child) in _submodules)
                    child.state_dict(destination, Join(prefix, name));
                return destination;
            }

            /// <summary>
            /// Copies tensors by name into this module, converting to the target's dtype.
            /// </summary>
            /// <returns>
            /// The keys this module has and <paramref name="source"/> lacks, and the other way round; keys in <paramref name="skip"/> count as neither.
            /// </returns>
            /// <exception cref="InvalidOperationException"><paramref name="strict"/> is set and the keys differ; nothing is copied then.</exception>
            public virtual (IList<string> missing_keys, IList<string> unexpected_keyes) load_state_dict(
                Dictionary<string, Tensor> source, bool strict = true, IList<string>? skip = null)
            {
                skip ??= [];
                Dictionary<string, Tensor> destination = state_dict();
                List<string> unexpected = source.Keys.Where(key => !skip.Contains(key) && !destination.ContainsKey(key)).ToList();
                List<string> missing = destination.Keys.Where(key => !skip.Contains(key) && !source.ContainsKey(key)).ToList();
                if (strict && (missing.Count > 0 || unexpected.Count > 0))
                    throw new InvalidOperationException("The loaded state_dict is not identical to the target dictionary.");

                using var _ = no_grad();
                foreach (var (key, value) in source)
                {
                    if (!skip.Contains(key) && destination.TryGetValue(key, out Tensor? target))
                        target.copy_(value);
                }

                return (missing, unexpected);
            }

            private static string Join(string? prefix, string name) => string.IsNullOrEmpty(prefix) ? name : $"{prefix}.{name}";
        }
    }
}
