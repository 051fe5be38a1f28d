using Reasoning.Models.Devices;
using Reasoning.Models.Kernels;
using Reasoning.Models.Random;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Reasoning.Models.Modeling;

/// <summary>
/// Moves parameters against their gradients and owns what it remembers of earlier ones. g is the gradient, scaled down where it is clipped;
/// η the rate, λ the decay, t the updates of the parameter so far.
/// <code>
/// AdamW (arXiv:1711.05101)    m = β₁ m + (1 − β₁) g    v = β₂ v + (1 − β₂) g²
///                             p = (1 − η λ) p − η / (1 − β₁ᵗ) · m / (√v / √(1 − β₂ᵗ) + ε)
/// SGD with momentum           m = μ m + g + λ p        p = p − η m
/// </code>
/// On float32 CPU memory that is one pass over it by all workers (<see cref="UpdateKernels"/>), elsewhere tensor operations.
/// m and v may be kept in bfloat16, half the memory. An update computes with float32 values of them and rounds those afterwards, both at
/// random (<see cref="StochasticRounding"/>): to nearest, v would stand still, since with β₂ = 0.999 it moves by a thousandth of the way
/// and bfloat16 has 8 bits.
/// </summary>
public sealed unsafe class Optimizer : IDisposable
{
    /// <summary>Elements of one work item; cut by shape alone, so results do not depend on the number of threads.</summary>
    private const int ItemElements = 1 << 15;

    /// <summary>Moments in 16 bits that are widened at once, on the stack.</summary>
    private const int Block = 2048;

    /// <summary>Separates these draws from others with the same seed.</summary>
    private static readonly ulong s_purpose = KeyedRandom.Key("rounding of moments");

    private readonly bool _isAdam;
    private readonly double _beta1;
    private readonly double _beta2;
    private readonly ulong? _rounding;
    private readonly Slot[] _slots;
    private readonly (int Slot, long Start, int Count)[] _items;

    private Optimizer(
        bool isAdam, double beta1, double beta2, IReadOnlyList<(string Name, Parameter Parameter)> parameters, Func<Parameter, double> decay,
        ulong? rounding)
    {
        (_isAdam, _beta1, _beta2, _rounding) = (isAdam, beta1, beta2, rounding);
        _slots = [.. parameters.Select(pair => new Slot(pair.Name, pair.Parameter, decay(pair.Parameter), isAdam, isNarrow: rounding is not null))];
        _items =
        [
            .. _slots.SelectMany((slot, s) => Enumerable.Range(0, (int)((slot.Parameter.numel() + ItemElements - 1) / ItemElements)).Select(
                i => (s, (long)i * ItemElements, (int)Math.Min(ItemElements, slot.Parameter.numel() - ((long)i * ItemElements))))),
        ];
        IsFused = Array.TrueForAll(_slots, slot => TensorMemory.IsFloatCpu(slot.Parameter) && slot.Parameter.is_contiguous());
    }

    /// <summary>As checkpoints call it.</summary>
    public string Name => _isAdam ? nameof(AdamW) : "SGD";

    /// <summary>Updates of each parameter so far, by its name.</summary>
    public IEnumerable<KeyValuePair<string, long>> Steps => _slots.Select(slot => KeyValuePair.Create(slot.Name, slot.Steps));

    /// <summary>What is remembered, named after the parameters.</summary>
    public IEnumerable<(string Name, Tensor Values)> Moments => _slots.SelectMany(slot => slot.Second is null
        ? ((string, Tensor)[])[($"{slot.Name}.momentum_buffer", slot.First)]
        : [($"{slot.Name}.exp_avg", slot.First), ($"{slot.Name}.exp_avg_sq", slot.Second)]);

    /// <summary>Whether one pass over memory is used.</summary>
    internal bool IsFused { get; set; }

    /// <param name="parameters">What is moved, with names; on the device where it will stay.</param>
    /// <param name="beta1">Memory of the first moment.</param>
    /// <param name="beta2">Memory of the second moment.</param>
    /// <param name="decay">How much of a parameter goes, for each unit of the rate.</param>
    /// <param name="rounding">Seed of the draws that round moments to bfloat16; null keeps them in the type of the parameter.</param>
    public static Optimizer AdamW(
        IReadOnlyList<(string Name, Parameter Parameter)> parameters, double beta1, double beta2, Func<Parameter, double> decay,
        ulong? rounding = null) =>
        new(true, beta1, beta2, parameters, decay, rounding);

    /// <inheritdoc cref="AdamW"/>
    /// <param name="momentum">Memory of the direction.</param>
    public static Optimizer Sgd(
        IReadOnlyList<(string Name, Parameter Parameter)> parameters, double momentum, Func<Parameter, double> decay, ulong? rounding = null) =>
        new(false, momentum, 0, parameters, decay, rounding);

    /// <summary>What gradients of a norm are multiplied by to have at most the norm <paramref name="maximum"/>; 0 stands for no limit.</summary>
    public static double ClipScale(double norm, double maximum) => maximum > 0 ? Math.Min(1, maximum / (norm + 1e-6)) : 1;

    /// <summary>[] float64, the norm of all gradients together; on the device of the parameters, and the caller's scope's.</summary>
    public Tensor GradientNorm()
    {
        using IDisposable noGradient = no_grad();
        using DisposeScope scope = NewDisposeScope();
        Gather();
        if (!IsFused)
        {
            Tensor none = zeros([], ScalarType.Float64, _slots[0].Parameter.device);
            Tensor[] norms = [.. _slots.Select(slot => slot.Gradient?.norm().to(ScalarType.Float64) ?? none)];
            return stack(norms).norm().MoveToOuterDisposeScope();
        }

        var sums = new double[_items.Length];
        ForItems((slot, start, count, item) => sums[item] = UpdateKernels.SumOfSquares(slot.GradientAddress + start, count));
        return tensor(Math.Sqrt(sums.Sum()), ScalarType.Float64, CPU).MoveToOuterDisposeScope();
    }

    /// <summary>Moves every parameter that has a gradient.</summary>
    /// <param name="rate">Of this update.</param>
    /// <param name="scale">Gradients are multiplied by it; theirs may be changed.</param>
    public void Step(double rate, double scale = 1)
    {
        using IDisposable noGradient = no_grad();
        using DisposeScope scope = NewDisposeScope();
        Gather();
        foreach (Slot slot in _slots)
        {
            if (slot.Gradient is null) continue;
            long t = ++slot.Steps;
            slot.Factors = _isAdam
                ? new UpdateFactors(
                    scale, 1 - (rate * slot.Decay), _beta1, _beta2, Math.Sqrt(1 - Math.Pow(_beta2, t)), rate / (1 - Math.Pow(_beta1, t)))
                : new UpdateFactors(scale, slot.Decay, _beta1, 0, 0, rate);
            slot.IsFinite = true;
            if (_rounding is { } seed) slot.Key = (uint)KeyedRandom.Bits(seed, s_purpose, slot.NameKey, (ulong)t);
            if (!IsFused) Move(slot);
        }

        if (!IsFused) return;
        ForItems((slot, start, count, _) =>
        {
            if (!(_rounding is null ? Move(slot, start, count) : MoveNarrow(slot, start, count))) slot.IsFinite = false;
        });
    }

    /// <summary>The first parameter to which the last update gave a value that is not finite; null if there is none.</summary>
    public string? FirstNotFinite()
    {
        if (IsFused) return Array.Find(_slots, slot => !slot.IsFinite)?.Name;
        using IDisposable noGradient = no_grad();
        using DisposeScope scope = NewDisposeScope();
        int wrong = Array.FindIndex(Floats.Numbers([.. _slots.Select(slot => slot.Parameter.sum())]), sum => !double.IsFinite(sum));
        return wrong < 0 ? null : _slots[wrong].Name;
    }

    /// <summary>Forgets all gradients.</summary>
    public void ZeroGrad()
    {
        foreach (Slot slot in _slots) slot.Parameter.grad = null;
    }

    /// <summary>Forgets all that is remembered.</summary>
    public void Reset()
    {
        using IDisposable noGradient = no_grad();
        using DisposeScope scope = NewDisposeScope();
        foreach ((_, Tensor moment) in Moments) moment.zero_();
        Restore(new Dictionary<string, long>());
    }

    /// <summary>Puts the counts of updates back; the moments are filled in place.</summary>
    public void Restore(IReadOnlyDictionary<string, long> steps)
    {
        foreach (Slot slot in _slots) slot.Steps = steps.GetValueOrDefault(slot.Name);
    }

    public void Dispose()
    {
        foreach ((_, Tensor moment) in Moments) moment.Dispose();
    }

    /// <returns>Whether all new parameters are finite.</returns>
    private bool Move(Slot slot, long start, int count) =>
        Move(slot, start, count, (float*)slot.FirstAddress + start, _isAdam ? (float*)slot.SecondAddress + start : null);

    /// <inheritdoc cref="Move(Slot, long, int)"/>
    private bool Move(Slot slot, long start, int count, float* first, float* second)
    {
        float* p = slot.Address + start, g = slot.GradientAddress + start;
        return _isAdam ? UpdateKernels.AdamW(p, g, first, second, count, slot.Factors) : UpdateKernels.Sgd(p, g, first, count, slot.Factors);
    }

    /// <inheritdoc cref="Move(Slot, long, int)"/>
    private bool MoveNarrow(Slot slot, long start, int count)
    {
        float* first = stackalloc float[Block], second = stackalloc float[Block];
        bool finite = true;
        for (long end = start + count; start < end; start += Block)
        {
            int n = (int)Math.Min(Block, end - start);
            ushort* m = (ushort*)slot.FirstAddress + start, v = (ushort*)slot.SecondAddress + start;
            StochasticRounding.Widen(m, first, n);
            if (_isAdam) StochasticRounding.Widen(v, second, n);
            finite &= Move(slot, start, n, first, second);
            StochasticRounding.Narrow(first, m, n, (uint)start, slot.Key, upper: false);
            if (_isAdam) StochasticRounding.Narrow(second, v, n, (uint)start, slot.Key, upper: true);
        }

        return finite;
    }

    private void Move(Slot slot)
    {
        if (_rounding is null)
        {
            Move(slot, slot.First, slot.Second);
            return;
        }

        using DisposeScope scope = NewDisposeScope();
        Tensor first = slot.First.to(ScalarType.Float32);
        Tensor? second = slot.Second?.to(ScalarType.Float32);
        Move(slot, first, second);
        StochasticRounding.Narrow(first, slot.First, slot.Key, upper: false);
        if (second is not null) StochasticRounding.Narrow(second, slot.Second!, slot.Key, upper: true);
    }

    private static void Move(Slot slot, Tensor first, Tensor? second)
    {
        if (second is null) MoveBySgd(slot, first);
        else MoveByAdamW(slot, first, second);
    }

    /// <summary>Twin of <see cref="UpdateKernels.AdamW"/>. Scalars of libtorch belong to no scope, so each is disposed of.</summary>
    private static void MoveByAdamW(Slot slot, Tensor first, Tensor second)
    {
        UpdateFactors f = slot.Factors;
        using Scalar keep = f.Keep, beta1 = f.Beta1, beta2 = f.Beta2, root = f.Root;
        using Scalar rest1 = 1 - f.Beta1, rest2 = 1 - f.Beta2, size = -f.Size;
        Tensor g = Scaled(slot);
        first.mul_(beta1).add_(g, rest1);
        second.mul_(beta2).addcmul_(g, g, rest2);
        slot.Parameter.mul_(keep).addcdiv_(first, second.sqrt().div_(root).AddInPlace(UpdateFactors.Epsilon), size);
    }

    /// <summary>Twin of <see cref="UpdateKernels.Sgd"/>.</summary>
    private static void MoveBySgd(Slot slot, Tensor first)
    {
        UpdateFactors f = slot.Factors;
        using Scalar decay = f.Keep, momentum = f.Beta1, size = -f.Size;
        first.mul_(momentum).AddInPlace(Scaled(slot)).add_(slot.Parameter, decay);
        slot.Parameter.add_(first, size);
    }

    private static Tensor Scaled(Slot slot)
    {
        if (slot.Factors.Scale == 1) return slot.Gradient!;
        using Scalar scale = slot.Factors.Scale;
        return slot.Gradient!.mul_(scale);
    }

    /// <summary>Takes the gradients of the moment; they are the scope's of the caller.</summary>
    private void Gather()
    {
        foreach (Slot slot in _slots)
        {
            slot.Gradient = slot.Parameter.grad;
            if (!IsFused || slot.Gradient is null) continue;
            slot.Gradient = slot.Gradient.contiguous();
            slot.Address = TensorMemory.Floats(slot.Parameter);
            slot.GradientAddress = TensorMemory.Floats(slot.Gradient);
            slot.FirstAddress = TensorMemory.Address(slot.First);
            slot.SecondAddress = slot.Second is null ? null : TensorMemory.Address(slot.Second);
        }
    }

    private void ForItems(Action<Slot, long, int, int> body)
    {
        Workers.For(_items.Length, item =>
        {
            (int slot, long start, int count) = _items[item];
            if (_slots[slot].Gradient is not null) body(_slots[slot], start, count, item);
        });
        GC.KeepAlive(_slots);
    }

    /// <summary>A parameter with what is remembered of its gradients.</summary>
    private sealed class Slot(string name, Parameter parameter, double decay, bool isAdam, bool isNarrow)
    {
        public readonly string Name = name;
        public readonly Parameter Parameter = parameter;
        public readonly double Decay = decay;
        public readonly Tensor First = Zeros(parameter, isNarrow);
        public readonly Tensor? Second = isAdam ? Zeros(parameter, isNarrow) : null;
        public readonly ulong NameKey = KeyedRandom.Key(name);
        public Tensor? Gradient;
        public long Steps;
        public uint Key;
        public UpdateFactors Factors;
        public bool IsFinite = true;
        public float* Address, GradientAddress;
        public void* FirstAddress, SecondAddress;

        private static Tensor Zeros(Parameter like, bool isNarrow)
        {
            using IDisposable noGradient = no_grad();
            return zeros_like(like, dtype: isNarrow ? ScalarType.BFloat16 : like.dtype).DetachFromDisposeScope();
        }
    }
}
