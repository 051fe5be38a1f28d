using System.Reflection;
using TorchSharp.Modules;

namespace TorchSharp;

public static partial class torch
{
    public static partial class nn
    {
        public partial class Module
        {
            private const BindingFlags InstanceFields = BindingFlags.Instance | BindingFlags.Public | BindingFlags.NonPublic;

            public virtual void register_parameter(string name, Parameter param)
            {
                if (param is null || param.IsInvalid)
                    throw new ArgumentNullException(nameof(param), "A null tensor cannot be registered as a parameter.");
                if (!_parametersByName.TryAdd(name, param))
                    throw new InvalidOperationException($"Parameter {name} is already registered.");
            }

            /// <summary>
            /// Registers a tensor that is state but not trained. A non-persistent buffer is found by <see cref="get_buffer"/>
            /// only: it is neither listed, saved nor converted.
            /// </summary>
            public virtual void register_buffer(string name, Tensor tensor, bool persistent = true)
            {
                if (tensor is null || tensor.IsInvalid)
                    throw new ArgumentNullException(nameof(tensor), "A null tensor cannot be registered as a buffer.");
                if (!_buffersByName.TryAdd(name, (tensor, persistent)))
                    throw new InvalidOperationException($"Tensor {name} is already registered.");
            }

            /// <summary>Adds a submodule after registering the submodule's own fields; a null or disposed one removes the name.</summary>
            public virtual void register_module(string name, Module submodule)
            {
                if (submodule?._disposed != false)
                {
                    _submodules.Remove(name);
                    return;
                }

                if (string.IsNullOrEmpty(name))
                    throw new ArgumentException("module name can't be empty string \"\"");
                if (name.Contains('.', StringComparison.Ordinal))
                    throw new ArgumentException($"module name can't contain \".\", got: {name}");
                if (_submodules.ContainsKey(name))
                    throw new InvalidOperationException($"Sub-module {name} is already registered.");
                submodule.RegisterComponents();
                _submodules.Add(name, submodule);
            }

            public void add_module(string name, Module module) => register_module(name, module);

            /// <summary>
            /// Registers every field, private ones and those of base classes included, that holds a module, parameter or tensor,
            /// under the field's name, unless that name is taken. Runs once.
            /// </summary>
            protected virtual void RegisterComponents()
            {
                if (_componentsRegistered)
                    return;
                foreach (FieldInfo field in ComponentFields(GetType()))
                {
                    if (IsRegistered(field.Name))
                        continue;
                    switch (field.GetValue(this))
                    {
                        case Module module:
                            register_module(field.Name, module);
                            break;
                        case Parameter parameter:
                            register_parameter(field.Name, parameter);
                            break;
                        case Tensor tensor:
                            register_buffer(field.Name, tensor);
                            break;
                    }
                }

                _componentsRegistered = true;
            }

            /// <summary>Sets, replaces or, with null, removes a parameter.</summary>
            protected void ConditionallyRegisterParameter(string name, Parameter? value)
            {
                if (value is null)
                    _parametersByName.Remove(name);
                else
                    _parametersByName[name] = value;
            }

            protected void ConditionallyRegisterParameter(string name, Tensor value)
                => ConditionallyRegisterParameter(name, value as Parameter);

            /// <summary>The setter of a property that owns its parameter: the former one is disposed, the new one leaves its dispose scope.</summary>
            private protected void Replace(ref Parameter? field, string name, Parameter? value)
            {
                if (ReferenceEquals(field, value))
                    return;
                field?.Dispose();
                value?.DetachFromDisposeScope();
                field = value;
                ConditionallyRegisterParameter(name, value);
            }

            /// <summary>Sets, replaces or, with null, removes a buffer.</summary>
            protected void ConditionallyRegisterBuffer(string name, Tensor? value, bool persistent = true)
            {
                if (value is null)
                    _buffersByName.Remove(name);
                else
                    _buffersByName[name] = (value, persistent);
            }

            protected void ClearModules() => _submodules.Clear();

            public virtual bool has_parameter(string target) => get_parameter(target) is not null;

            public virtual bool has_buffer(string target) => get_buffer(target) is not null;

            /// <summary>The parameter with this dotted name, or null.</summary>
            public virtual Parameter? get_parameter(string target)
            {
                if (_parametersByName.TryGetValue(target, out Parameter? parameter))
                    return parameter;
                return Child(target, out string rest)?.get_parameter(rest);
            }

            /// <summary>The buffer with this dotted name, persistent or not, or null.</summary>
            public virtual Tensor? get_buffer(string target)
            {
                if (_buffersByName.TryGetValue(target, out (Tensor Tensor, bool Persistent) buffer))
                    return buffer.Tensor;
                return Child(target, out string rest)?.get_buffer(rest);
            }

            private Module? Child(string target, out string rest)
            {
                int dot = target.IndexOf('.', StringComparison.Ordinal);
                rest = target[(dot + 1)..];
                if (dot < 0)
                    return null;
                string first = target[..dot];
                return named_children().FirstOrDefault(pair => pair.name == first).module;
            }

            private bool IsRegistered(string name)
                => _submodules.ContainsKey(name) || _parametersByName.ContainsKey(name) || _buffersByName.ContainsKey(name);

            private static IEnumerable<FieldInfo> ComponentFields(Type type)
            {
                var seen = new HashSet<string>();
                for (Type? level = type; level is not null && level != typeof(object); level = level.BaseType)
                {
                    foreach (FieldInfo field in level.GetFields(InstanceFields))
                    {
                        if (seen.Add(field.Name))
                            yield return field;
                    }
                }
            }
        }
    }
}
