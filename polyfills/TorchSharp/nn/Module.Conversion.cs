using System.Reflection;
using TorchSharp.Modules;

namespace TorchSharp;

public static partial class torch
{
    public static partial class nn
    {
        public partial class Module
        {
            /// <summary>
            /// Converts the floating-point parameters and persistent buffers. Each converted parameter is a new object: whoever
            /// holds the old one, an optimizer for example, holds a disposed tensor afterwards.
            /// </summary>
            /// <exception cref="ArgumentException"><paramref name="dtype"/> is not a floating-point type.</exception>
            protected internal virtual Module _to(ScalarType dtype, bool non_blocking)
            {
                RequireFloatingPoint(dtype);
                _toEpilog(dtype, non_blocking);
                return this;
            }

            /// <exception cref="InvalidOperationException">The device is not the CPU.</exception>
            protected internal virtual Module _to(Device device, ScalarType dtype, bool non_blocking)
            {
                RequireFloatingPoint(dtype);
                RequireCpu(device.type);
                _toEpilog(device, dtype, non_blocking);
                return this;
            }

            /// <exception cref="InvalidOperationException">The device is not the CPU.</exception>
            protected internal virtual Module _to(DeviceType deviceType, int deviceIndex, bool non_blocking)
            {
                RequireCpu(deviceType);
                return this;
            }

            public Module _to(Tensor other, bool non_blocking) => _to(other.dtype, non_blocking);

            protected void _toEpilog(ScalarType dtype, bool non_blocking) => _toEpilog(dtype, null, non_blocking);

            protected void _toEpilog(Device device, ScalarType dtype, bool non_blocking) => _toEpilog(dtype, device, non_blocking);

            /// <summary>
            /// Converts children, then the own parameters and buffers. A public property named like the component receives the
            /// new tensor through its setter; otherwise the registry and a field of that name do.
            /// </summary>
            protected virtual void _toEpilog(ScalarType? dtype, Device? device, bool non_blocking)
            {
                if (dtype is null && device is null)
                    throw new ArgumentNullException(nameof(dtype), "dtype and device are both null.");
                foreach (var (_, child) in named_children())
                {
                    if (device is null)
                        child._to(dtype!.Value, non_blocking);
                    else if (dtype is null)
                        child._to(device.type, device.index, non_blocking);
                    else
                        child._to(device, dtype.Value, non_blocking);
                }

                foreach (var (name, parameter) in named_parameters(false).ToList())
                {
                    if (!ReplaceParameter(dtype, device, parameter, out Parameter? replacement) || SetProperty(name, replacement))
                        continue;
                    parameter.Dispose();
                    ConditionallyRegisterParameter(name, replacement);
                    SetField(name, replacement);
                }

                foreach (var (name, buffer) in named_buffers(false).ToList())
                {
                    if (!ReplaceBuffer(dtype, device, buffer, out Tensor? replacement) || SetProperty(name, replacement))
                        continue;
                    ConditionallyRegisterBuffer(name, replacement);
                    SetField(name, replacement);
                }
            }

            /// <summary>Converts a parameter and its gradient; false when nothing has to change.</summary>
            protected static bool ReplaceParameter(ScalarType? dtype, Device? device, Parameter param, out Parameter? p)
            {
                p = null;
                if (!NeedsCopy(param, dtype))
                    return false;

                using var _ = no_grad();
                using Tensor? grad = param.grad;
                p = new Parameter(param.to(dtype!.Value), param.requires_grad);
                p.DetachFromDisposeScope();
                if (grad is not null)
                    p.grad = grad.to(dtype.Value);
                return true;
            }

            /// <summary>Converts a buffer and disposes the old one; false when nothing has to change.</summary>
            protected static bool ReplaceBuffer(ScalarType? dtype, Device? device, Tensor buffer, out Tensor? result)
            {
                result = null;
                if (!NeedsCopy(buffer, dtype))
                    return false;
                using var _ = no_grad();
                result = buffer.to(dtype!.Value).DetachFromDisposeScope();
                buffer.Dispose();
                return true;
            }

            protected static (Device device, ScalarType dtype) GetDefaultDeviceAndType(Device? device = null, ScalarType? dtype = null)
                => (device ?? CPU, dtype ?? ScalarType.Float32);

            private static bool NeedsCopy(Tensor tensor, ScalarType? dtype)
                => dtype is { } wanted && wanted != tensor.dtype && tensor.is_floating_point();

            private bool SetProperty(string name, Tensor? value)
            {
                PropertyInfo? property = GetType().GetProperty(name, BindingFlags.Public | BindingFlags.Instance);
                property?.SetValue(this, value);
                return property is not null;
            }

            private void SetField(string name, Tensor? value)
                => ComponentFields(GetType()).FirstOrDefault(field => field.Name == name)?.SetValue(this, value);

            private static void RequireFloatingPoint(ScalarType dtype)
            {
                if (!is_floating_point(dtype))
                    throw new ArgumentException($"nn.Module.to only accepts floating point or complex types, but got desired dtype={dtype}");
            }

            private static void RequireCpu(DeviceType type)
            {
                if (type == DeviceType.CUDA)
                    throw new InvalidOperationException("CUDA is not available.");
                if (type != DeviceType.CPU)
                    throw new NotSupportedException($"nn.Module.to({type}): the embedded backend computes on the CPU only.");
            }
        }
    }
}
