using Reasoning.Models;
using Reasoning.Models.Kernels;
using Reasoning.Models.Modeling;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Reasoning.Bench.Harness;

/// <summary>A step of supervised training: forward, mean negative log-likelihood of the next token, backward, AdamW.</summary>
internal sealed class TrainingStep : IDisposable
{
    private const double Rate = 1e-6;

    private readonly CausalLM _model;
    private readonly PackedSequences _batch;
    private readonly Optimizer _optimizer;
    private OptimizerHelper? _eagerOptimizer; // made when it is asked for: its moments take as much memory as two models
    private readonly Tensor _rows;
    private readonly Tensor _targets;

    /// <param name="model">All its parameters learn.</param>
    /// <param name="sequences">Sequences of a batch.</param>
    /// <param name="length">Tokens of each.</param>
    public TrainingStep(CausalLM model, int sequences, int length)
    {
        _model = model;
        IReadOnlyList<(string Name, Parameter Parameter)> parameters = model.Select(TrainableSet.All);
        _optimizer = Optimizer.AdamW(parameters, 0.9, 0.999, _ => 0);
        int[][] ids =
            [.. Enumerable.Range(0, sequences * length).Select(n => (int)((uint)n * 2654435761u / 256 % (uint)model.Config.VocabSize)).Chunk(length)];
        _batch = new PackedSequences(ids);
        _rows = tensor([.. Enumerable.Range(0, sequences * length).Where(i => i % length != length - 1).Select(i => (long)i)]);
        _targets = tensor([.. ids.SelectMany(sequence => sequence.Skip(1)).Select(id => (long)id)]);
    }

    /// <summary>The step as the program does it, but for some of its kernels; returns the loss.</summary>
    public double Run(CpuKernels kernels = CpuKernels.All, bool optimizes = true) => Step(
        kernels,
        hidden => OutputHead.Backward(
            [hidden], _model.HeadWeight, rows => LogitRows.Pick(rows.LogProbs(), rows.Of(_targets)).sum().DividedBy(-_targets.shape[0])),
        () =>
        {
            if (optimizes) _optimizer.Step(Rate, Optimizer.ClipScale(_optimizer.GradientNorm().item<double>(), 1));
        });

    /// <summary>The step in libtorch's own operations, with the logits of all rows at once and TorchSharp's AdamW; returns the loss.</summary>
    public double RunEager() => Step(
        CpuKernels.None,
        hidden =>
        {
            Tensor loss = nn.functional.cross_entropy(nn.functional.linear(hidden, _model.HeadWeight), _targets);
            loss.backward();
            return loss;
        },
        () =>
        {
            nn.utils.clip_grad_norm_(_model.parameters(), 1);
            _eagerOptimizer ??= optim.AdamW(_model.parameters(), Rate, weight_decay: 0);
            _eagerOptimizer.step();
        });

    /// <summary>Log-probabilities of the tokens that the step learns.</summary>
    public float[] LogProbs()
    {
        using IDisposable noGradient = no_grad();
        using DisposeScope scope = NewDisposeScope();
        return OutputHead.Score(_model.Hidden(_batch).index_select(0, _rows), _model.HeadWeight, _targets).LogProb.data<float>().ToArray();
    }

    public void Dispose()
    {
        _optimizer.Dispose();
        _eagerOptimizer?.Dispose();
        _rows.Dispose();
        _targets.Dispose();
    }

    private double Step(CpuKernels kernels, Func<Tensor, Tensor> pass, Action update)
    {
        CpuKernel.Enabled = kernels;
        try
        {
            using DisposeScope scope = NewDisposeScope();
            foreach ((_, Parameter parameter) in _model.named_parameters()) parameter.grad = null;
            Tensor hidden = _model.Hidden(_batch).index_select(0, _rows);
            Tensor loss = pass(hidden);
            update();
            return loss.item<float>();
        }
        finally
        {
            CpuKernel.Enabled = CpuKernels.All;
        }
    }
}
