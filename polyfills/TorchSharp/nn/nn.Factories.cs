using TorchSharp.Modules;

namespace TorchSharp;

public static partial class torch
{
    /// <summary>Factories of modules. Those that would draw initial weights from a global generator are left to the package.</summary>
    public static partial class nn
    {
        public static Parameter Parameter(Tensor data, bool requires_grad = true) => new(data, requires_grad);

        public static ModuleList<Module> ModuleList(params Module[] modules) => new(modules);

        public static ModuleList<T> ModuleList<T>(params T[] modules)
            where T : Module => new(modules);

        public static ModuleDict<Module> ModuleDict(params (string, Module)[] modules) => ModuleDict<Module>(modules);

        public static ModuleDict<T> ModuleDict<T>(params (string, T)[] modules)
            where T : Module
        {
            var dictionary = new ModuleDict<T>();
            foreach (var entry in modules)
                dictionary.Add(entry);
            return dictionary;
        }

        public static ParameterList ParameterList(params Parameter[] parameters) => new(parameters);

        public static Sequential Sequential() => new();

        public static Sequential Sequential(params Module<Tensor, Tensor>[] modules)
            => Sequential((IEnumerable<Module<Tensor, Tensor>>)modules);

        public static Sequential Sequential(IEnumerable<Module<Tensor, Tensor>> modules)
        {
            var sequence = new Sequential();
            foreach (var module in modules)
                sequence.append(module);
            return sequence;
        }

        public static Sequential Sequential(params (string name, Module<Tensor, Tensor> submodule)[] modules)
            => Sequential((IEnumerable<(string, Module<Tensor, Tensor>)>)modules);

        public static Sequential Sequential(IEnumerable<(string name, Module<Tensor, Tensor> submodule)> modules)
        {
            var sequence = new Sequential();
            foreach (var (name, module) in modules)
                sequence.append(name, module);
            return sequence;
        }

        /// <summary>Shares <paramref name="weight"/> [outputs, inputs] and <paramref name="bias"/> [outputs].</summary>
        public static Linear Linear(Parameter weight, Parameter? bias = null) => new(weight, bias);

        /// <summary>An embedding over a given table [num_embeddings, embedding_dim], not trained unless <paramref name="freeze"/> is false.</summary>
        /// <exception cref="NotSupportedException">An option other than <paramref name="freeze"/>, device or dtype is given.</exception>
        public static Embedding Embedding_from_pretrained(
            Tensor embeddings,
            bool freeze = true,
            long? padding_idx = null,
            double? max_norm = null,
            double norm_type = 2,
            bool scale_grad_by_freq = false,
            bool sparse = false,
            Device? device = null,
            ScalarType? dtype = null)
        {
            if (padding_idx is not null || max_norm is not null || scale_grad_by_freq || sparse)
            {
                throw Errors.Unsupported(
                    "nn.Embedding_from_pretrained", "the embedded backend has no padding_idx, max_norm, scale_grad_by_freq or sparse.");
            }
            using Tensor table = embeddings.detach();
            return new Embedding(new Parameter(table.to(dtype ?? embeddings.dtype, copy: true), !freeze));
        }

        public static LayerNorm LayerNorm(
            long normalized_shape, double eps = 1e-05, bool elementwise_affine = true, bool bias = true, Device? device = null, ScalarType? dtype = null)
            => LayerNorm([normalized_shape], eps, elementwise_affine, bias, device, dtype);

        public static LayerNorm LayerNorm(
            long[] normalized_shape, double eps = 1e-05, bool elementwise_affine = true, bool bias = true, Device? device = null, ScalarType? dtype = null)
            => new(normalized_shape, eps, elementwise_affine, bias, device, dtype);

        public static SiLU SiLU() => new(false);

        public static SiLU SiLU(bool inplace) => new(inplace);

        public static GELU GELU() => new(false);

        public static GELU GELU(bool inplace) => new(inplace);

        public static GELU GELU(GELU.Approximate approximate, bool inplace = false) => new(inplace, approximate);
    }
}
