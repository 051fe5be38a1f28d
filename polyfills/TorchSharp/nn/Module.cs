using TorchSharp.Modules;

namespace TorchSharp;

public static partial class torch
{
    public static partial class nn
    {
        /// <summary>
        /// Base class of everything with parameters: a named tree of parameters, buffers and submodules.
        /// Names join with dots, so a tree whose components carry the Hugging Face names has Hugging Face keys.
        /// </summary>
        public partial class Module : IDisposable
        {
            private readonly OrderedDictionary<string, Module> _submodules = [];
            private readonly OrderedDictionary<string, Parameter> _parametersByName = [];
            private readonly OrderedDictionary<string, (Tensor Tensor, bool Persistent)> _buffersByName = [];
            private readonly string _name;
            private bool _componentsRegistered;
            private bool _training = true;
            private bool _disposed;

            protected Module(string name) => _name = name;

            /// <summary>True between <see cref="train"/> and <see cref="eval"/>; a new module is in training mode.</summary>
            public virtual bool training => _training;

            public virtual string GetName() => _name;

            /// <summary>Switches this module and its children between training and evaluation mode.</summary>
            public virtual void train(bool train = true)
            {
                _training = train;
                foreach (var (_, child) in named_children())
                    child.train(train);
            }

            public virtual void eval() => train(false);

            /// <summary>Applies <paramref name="fn"/> to every submodule, then to this module.</summary>
            public virtual Module apply(Action<Module> fn)
            {
                foreach (var (_, child) in _submodules)
                    child.apply(fn);
                fn(this);
                return this;
            }

            /// <summary>Drops all gradients, or with <paramref name="set_to_none"/> false keeps their memory and fills it with zeros.</summary>
            public virtual void zero_grad(bool set_to_none = true)
            {
                foreach (var (_, parameter) in named_parameters())
                {
                    using Tensor? grad = parameter.grad;
                    if (grad is null)
                        continue;
                    if (set_to_none)
                        parameter.grad = null;
                    else
                        grad.zero_();
                }
            }

            public virtual IEnumerable<(string name, Module module)> named_children()
                => _submodules.Select(static pair => (pair.Key, pair.Value));

            public virtual IEnumerable<Module> children() => named_children().Select(static pair => pair.module);

            /// <summary>All modules below this one, each level before the next deeper one. This module itself is not among them.</summary>
            public virtual IEnumerable<(string name, Module module)> named_modules()
            {
                foreach (var (name, child) in _submodules)
                    yield return (name, child);
                foreach (var (name, child) in _submodules)
                {
                    foreach (var (inner, module) in child.named_modules())
                        yield return ($"{name}.{inner}", module);
                }
            }

            public virtual IEnumerable<Module> modules() => named_modules().Select(static pair => pair.module);

            /// <summary>The parameters with their dotted names, each once even when two names hold it; disposed ones are left out.</summary>
            public virtual IEnumerable<(string name, Parameter parameter)> named_parameters(bool recurse = true)
            {
                var seen = new HashSet<Tensor>(ReferenceEqualityComparer.Instance);
                foreach (var (name, parameter) in _parametersByName)
                {
                    if (!parameter.IsInvalid && seen.Add(parameter))
                        yield return (name, parameter);
                }

                if (!recurse)
                    yield break;
                foreach (var (name, child) in _submodules)
                {
                    foreach (var (inner, parameter) in child.named_parameters(true))
                    {
                        if (!parameter.IsInvalid && seen.Add(parameter))
                            yield return ($"{name}.{inner}", parameter);
                    }
                }
            }

            public virtual IEnumerable<Parameter> parameters(bool recurse = true)
                => named_parameters(recurse).Select(static pair => pair.parameter);

            /// <summary>
            /// The persistent buffers with their dotted names. Non-persistent ones never appear, whatever
            /// <paramref name="include_nonpersistent"/> says: so does the package, and therefore conversions pass them by.
            /// </summary>
            public virtual IEnumerable<(string name, Tensor buffer)> named_buffers(bool recurse = true, bool include_nonpersistent = true)
            {
                var seen = new HashSet<Tensor>(ReferenceEqualityComparer.Instance);
                foreach (var (name, (tensor, persistent)) in _buffersByName)
                {
                    if (persistent && !tensor.IsInvalid && seen.Add(tensor))
                        yield return (name, tensor);
                }

                if (!recurse)
                    yield break;
                foreach (var (name, child) in _submodules)
                {
                    foreach (var (inner, buffer) in child.named_buffers(true, include_nonpersistent))
                    {
                        if (!buffer.IsInvalid && seen.Add(buffer))
                            yield return ($"{name}.{inner}", buffer);
                    }
                }
            }

            public virtual IEnumerable<Tensor> buffers(bool recurse = true, bool include_nonpersistent = true)
                => named_buffers(recurse, include_nonpersistent).Select(static pair => pair.buffer);

            /// <summary>Disposes parameters, persistent buffers and submodules.</summary>
            public void Dispose()
            {
                Dispose(true);
                GC.SuppressFinalize(this);
            }

            protected virtual void Dispose(bool disposing)
            {
                if (!disposing || _disposed)
                    return;
                _disposed = true;
                foreach (var (_, buffer) in named_buffers(false).ToList())
                    buffer.DetachFromDisposeScope().Dispose();
                foreach (var (_, parameter) in named_parameters(false).ToList())
                    parameter.DetachFromDisposeScope().Dispose();
                foreach (var (_, module) in named_modules().ToList())
                    module.Dispose();
            }
        }
    }
}
