using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Reasoning.Models.Modeling;

/// <summary>
/// A linear map with an optional bias and an optional low-rank adapter (LoRA, Hu et al. 2021, arXiv:2106.09685), which may begin as the
/// largest singular vectors of the weight (PiSSA, Meng et al. 2024, arXiv:2404.02948; SORSA, Cao 2024, arXiv:2409.00055).
/// <code>
/// LoRA          y = x Wᵀ + b + s (x Aᵀ) Bᵀ                                        s = α / r
/// PiSSA         y = x Wᵀ + b + (x Aᵀ) Bᵀ − (x A₀ᵀ) B₀ᵀ                            B₀ = U_r √Σ_r, A₀ = √Σ_r V_rᵀ of W = U Σ Vᵀ
/// SORSA         y = x Wᵀ + b + (x Aᵀ) diag(S) Bᵀ − (x A₀ᵀ) diag(S₀) B₀ᵀ           B₀ = U_r, S₀ = Σ_r, A₀ = V_rᵀ
/// </code>
/// </summary>
/// <remarks>
/// The papers take the start off the weight once, W − B₀ A₀. Here a frozen copy of the start takes it off in every pass: the same function
/// and gradients for two more narrow products, and the weight stays the base model's to the bit. So the model does not change at all
/// before the adapter learns, without adapters it is the base model, and what has been learnt is a plain adapter of rank 2r.
/// Parameters are registered by name, and read back from the register: moving a module to another device replaces them there.
/// </remarks>
public sealed class Projection : nn.Module
{
    private double _loraScale;

    internal Projection(int inputs, int outputs, bool bias)
        : base(nameof(Projection))
    {
        register_parameter("weight", Parameters.Empty(outputs, inputs));
        if (bias)
            register_parameter("bias", Parameters.Empty(outputs));
    }

    /// <summary>[outputs, inputs]</summary>
    public Parameter Weight => get_parameter("weight")!;

    /// <summary>[outputs], or null.</summary>
    public Parameter? Bias => get_parameter("bias");

    /// <summary>Adapter, input side: [rank, inputs], or null.</summary>
    public Parameter? LoraA => get_parameter("lora_A");

    /// <summary>Adapter, output side: [outputs, rank], or null.</summary>
    public Parameter? LoraB => get_parameter("lora_B");

    /// <summary>Adapter of SORSA, singular values: [rank], or null.</summary>
    public Parameter? LoraS => get_parameter("lora_S");

    /// <summary>What the adapter's update is multiplied by: α / r, or 1 where it began as singular vectors.</summary>
    internal double LoraScale => _loraScale;

    /// <summary>While set, the map is that of the weight alone.</summary>
    internal bool IsAdapterOff { get; set; }

    /// <summary>What the adapter began as where that is not nothing; shapes as of the adapter. For checkpoints.</summary>
    internal IEnumerable<(string Name, Tensor Values)> Starts => named_buffers(recurse: false).Select(pair => (pair.name, pair.buffer));

    private Tensor? StartA => get_buffer("start_A");

    private Tensor? StartB => get_buffer("start_B");

    private Tensor? StartS => get_buffer("start_S");

    /// <summary>What its products are computed in; null for the weight's own type.</summary>
    internal ScalarType? Compute { get; set; }

    /// <summary>Whether a parameter of this name belongs to an adapter.</summary>
    public static bool IsAdapter(string name) => name[(name.LastIndexOf('.') + 1)..] is "lora_A" or "lora_B" or "lora_S";

    /// <summary>Applies the map.</summary>
    /// <param name="x">[tokens, inputs], or <see cref="Rounded"/> of it.</param>
    /// <returns>[tokens, outputs]</returns>
    public Tensor Apply(Tensor x)
    {
        if (Compute is { } compute)
            return ApplyIn(compute, x);
        if (IsAdapterOff || LoraA is not { } a || LoraB is not { } b)
            return nn.functional.linear(x, Weight, Bias);

        using DisposeScope scope = NewDisposeScope();
        if (StartA is { } startA)
        {
            Tensor learnt = Low(x, a, LoraS, b, Plain), start = Low(x, startA, StartS, StartB!, Plain);
            return nn.functional.linear(x, Weight, Bias).AddInPlace(learnt - start).MoveToOuterDisposeScope();
        }

        Tensor low = nn.functional.linear(x, a); // [tokens, rank]
        return addmm(nn.functional.linear(x, Weight, Bias), low, b.t(), 1, (float)_loraScale).MoveToOuterDisposeScope();

        static Tensor Plain(Tensor input, Tensor weight) => nn.functional.linear(input, weight);
    }

    /// <summary>An input as the products take it, so that several projections of the same input share the rounding.</summary>
    internal Tensor Rounded(Tensor x) => Compute is { } compute ? x.to(compute) : x;

    /// <summary>
    /// Adds an adapter that changes nothing yet: B is zero, A is uniform in ±1/√inputs, as Kaiming's rule with a = √5 gives it.
    /// </summary>
    internal void AddLora(int rank, double alpha, ulong seed, string name)
    {
        if (LoraA is not null)
            throw new InvalidOperationException($"{name} has an adapter already; merge it first.");
        long[] shape = Weight.shape;
        register_parameter("lora_A", Parameters.Uniform(rank, (int)shape[1], 1 / Math.Sqrt(shape[1]), seed, $"{name}.lora_A", Weight));
        register_parameter("lora_B", Parameters.Zeros((int)shape[0], rank, Weight));
        _loraScale = alpha / rank;
    }

    /// <summary>Adds an adapter that begins as the largest singular values and vectors of the weight, and changes nothing yet.</summary>
    /// <param name="rank">How many; no more than the weight has.</param>
    /// <param name="isSorsa">Whether the values stay apart from the vectors.</param>
    /// <param name="name">Of the projection, for messages.</param>
    /// <exception cref="UserErrorException">The rank is too large.</exception>
    internal void AddSingular(int rank, bool isSorsa, string name)
    {
        if (LoraA is not null)
            throw new InvalidOperationException($"{name} has an adapter already; merge it first.");
        if (rank > Weight.shape.Min())
            throw new UserErrorException($"adapter rank {rank}: {name} has only {Weight.shape.Min()} singular values");
        using IDisposable guard = no_grad();
        using DisposeScope scope = NewDisposeScope();
        // In float64, so that what is rounded to the weight's type afterwards is orthonormal up to that rounding.
        (Tensor u, Tensor s, Tensor vt) = linalg.svd(Weight.to(ScalarType.Float64), fullMatrices: false);
        (u, s, vt) = (u.narrow(1, 0, rank), s.narrow(0, 0, rank), vt.narrow(0, 0, rank)); // [outputs, rank], [rank], [rank, inputs]
        Tensor root = s.sqrt();
        Begin("A", isSorsa ? vt : vt * root.unsqueeze(1));
        Begin("B", isSorsa ? u : u * root);
        if (isSorsa)
            Begin("S", s);
        _loraScale = 1;
    }

    /// <summary>W with the adapter, as a new tensor; the weight itself where there is none.</summary>
    internal Tensor MergedWeight()
    {
        using IDisposable guard = no_grad();
        if (LoraA is not { } a || LoraB is not { } b)
            return Weight;
        if (StartA is not { } startA)
            return addmm(Weight, b, a, 1, (float)_loraScale);
        using DisposeScope scope = NewDisposeScope();
        return Weight.Plus(Scaled(b, LoraS).mm(a) - Scaled(StartB!, StartS).mm(startA)).MoveToOuterDisposeScope();
    }

    /// <summary>The adapter as plain factors B [outputs, n] and A [n, inputs], so that W + s B A is the merged weight; n is r or 2r.</summary>
    internal (Tensor A, Tensor B) PlainFactors() => StartA is { } startA
        ? (cat([LoraA!, startA], 0), cat([Scaled(LoraB!, LoraS), Scaled(StartB!, StartS).neg()], 1))
        : (LoraA!, LoraB!);

    /// <summary>Folds the adapter into the weight and removes it.</summary>
    internal void MergeLora()
    {
        if (LoraA is not { } a || LoraB is not { } b)
            return;
        using (no_grad())
        using (NewDisposeScope())
        {
            if (StartA is null)
                Weight.addmm_(b, a, 1, (float)_loraScale).DetachFromDisposeScope();
            else
                Weight.copy_(MergedWeight()).DetachFromDisposeScope();
        }

        Tensor?[] adapter = [a, b, LoraS, StartA, StartB, StartS];
        foreach (string part in (string[])["A", "B", "S"])
        {
            ConditionallyRegisterParameter($"lora_{part}", (Parameter?)null);
            ConditionallyRegisterBuffer($"start_{part}", (Tensor?)null);
        }

        foreach (Tensor? values in adapter)
            values?.Dispose();
    }

    /// <summary>Everything is registered by its checkpoint name; fields must not be registered again under theirs.</summary>
    protected override void RegisterComponents()
    {
    }

    private Tensor ApplyIn(ScalarType compute, Tensor x)
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor y = Product.Of(x, Weight, compute); // [tokens, outputs]
        // In the weight's type: 16 bits would round a large bias far more than the small product.
        if (Bias is not null)
            y = y.AddInPlace(Bias);
        if (IsAdapterOff || LoraA is not { } a || LoraB is not { } b)
            return y.MoveToOuterDisposeScope();
        if (StartA is { } startA)
            y = y.AddInPlace(Low(x, a, LoraS, b, Rounding) - Low(x, startA, StartS, StartB!, Rounding));
        else
            y = y.AddInPlace(Product.Of(Product.Of(x, a, compute), b, compute), (float)_loraScale);
        return y.MoveToOuterDisposeScope();

        Tensor Rounding(Tensor input, Tensor weight) => Product.Of(input, weight, compute);
    }

    /// <summary>(x Aᵀ) diag(S) Bᵀ [tokens, outputs]</summary>
    private static Tensor Low(Tensor x, Tensor a, Tensor? s, Tensor b, Func<Tensor, Tensor, Tensor> product)
    {
        Tensor low = product(x, a); // [tokens, rank]
        return product(s is null ? low : low * s, b);
    }

    /// <summary>B diag(S) [outputs, rank]</summary>
    private static Tensor Scaled(Tensor b, Tensor? s) => s is null ? b : b * s;

    /// <summary>Registers a part of the adapter and the copy of what it began as.</summary>
    private void Begin(string part, Tensor values)
    {
        Tensor own = values.contiguous().to(Weight.dtype);
        register_parameter($"lora_{part}", Parameters.Own(own.clone()));
        register_buffer($"start_{part}", own.clone().DetachFromDisposeScope());
    }
}
