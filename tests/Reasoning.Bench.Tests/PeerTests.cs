using System.Text.Json.Nodes;
using Reasoning.Bench.Harness;
using Reasoning.Models;
using TorchSharp;
using static TorchSharp.torch;

namespace Reasoning.Bench.Tests;

/// <summary>The peers compute what we compute: a comparison of speed means nothing otherwise. They need Debian's PyTorch.</summary>
public sealed class PeerTests
{
    private const int Sequences = 2;
    private const int Length = 24;

    [Fact]
    public void PyTorch_trains_on_the_same_loss()
    {
        using CausalLM model = CausalLM.Load(BenchModels.Starter);
        int[][] ids = TrainTokens.Make(Sequences, Length, model.Config.VocabSize);
        var configuration = new JsonObject
        {
            ["model"] = BenchModels.Starter,
            ["batch"] = Sequences,
            ["length"] = Length,
            ["learning_rate"] = 1e-5,
            ["weight_decay"] = 0.0,
            ["threads"] = 1,
            ["device"] = "cpu",
        };
        using var said = new StringWriter();
        using Peer? peer = Peer.Start(new BenchOptions(1, 1), "torch_train.py", configuration, new Report("train", "", said));
        Assert.SkipWhen(peer is null, $"not compared: {said}");
        peer.Run();
        using DisposeScope scope = NewDisposeScope();
        using IDisposable noGradient = no_grad();
        Tensor hidden = model.Hidden(new PackedSequences(ids));
        Tensor rows = tensor([.. Enumerable.Range(0, Sequences * Length).Where(i => i % Length != Length - 1).Select(i => (long)i)]);
        Tensor targets = tensor([.. ids.SelectMany(sequence => sequence.Skip(1)).Select(id => (long)id)]);
        double loss = OutputHead.Score(hidden.index_select(0, rows), model.HeadWeight, targets).LogProb.mean().neg().item<float>();
        Assert.Equal(loss, (double)peer.Last["first_loss"]!, 1e-4);
        Assert.NotEqual((double)peer.Last["first_loss"]!, (double)peer.Last["loss"]!);
    }
}
