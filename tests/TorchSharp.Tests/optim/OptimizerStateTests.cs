using TorchSharp.Modules;
using static TorchSharp.torch;

namespace TorchSharp.Tests;

public sealed class OptimizerStateTests
{
    public static TheoryData<string> Kinds => ["AdamW", "AdamW amsgrad", "Adam", "SGD", "SGD momentum"];

    [Theory]
    [MemberData(nameof(Kinds))]
    public void A_restored_optimizer_continues_bit_for_bit(string kind)
    {
        Parameter[] straight = [Samples.FloatParameter(1, 50, 3), Samples.FloatParameter(2, 7)];
        using OptimizerHelper reference = Make(kind, straight);
        Steps(reference, straight, 0, 3);

        using var stream = new MemoryStream();
        var writer = new BinaryWriter(stream);
        reference.save_state_dict(writer);
        writer.Flush();
        Parameter[] resumed = straight.Select(parameter => new Parameter(parameter.detach().clone())).ToArray();
        Steps(reference, straight, 3, 6);

        using OptimizerHelper restored = Make(kind, resumed);
        restored.ParamGroups.First().LearningRate = 123; // overwritten by what was saved
        stream.Position = 0;
        restored.load_state_dict(new BinaryReader(stream));
        Steps(restored, resumed, 3, 6);

        Assert.Equal(reference.ParamGroups.First().LearningRate, restored.ParamGroups.First().LearningRate);
        for (int i = 0; i < straight.Length; i++)
            Assert.Equal(Samples.FloatValues(straight[i]), Samples.FloatValues(resumed[i]));
    }

    [Theory]
    [InlineData("AdamW")]
    [InlineData("AdamW amsgrad")]
    [InlineData("SGD momentum")]
    public void A_state_dictionary_copies_into_another_optimizer(string kind)
    {
        Parameter[] first = [Samples.FloatParameter(1, 20)];
        using OptimizerHelper source = Make(kind, first);
        Steps(source, first, 0, 3);
        Parameter[] second = [new Parameter(first[0].detach().clone())];
        using OptimizerHelper target = Make(kind, second);
        target.load_state_dict(source.state_dict());
        Assert.True(target.state_dict().State[0].ApproximatelyEquals(source.state_dict().State[0]));
        Steps(source, first, 3, 5);
        Steps(target, second, 3, 5);
        Assert.Equal(Samples.FloatValues(first[0]), Samples.FloatValues(second[0]));
    }

    [Fact]
    public void The_state_dictionary_shows_live_state_in_group_order()
    {
        Parameter[] parameters = [Samples.FloatParameter(1, 2), Samples.FloatParameter(2, 3), Samples.FloatParameter(3, 4)];
        using AdamW optimizer = optim.AdamW([new AdamW.ParamGroup([parameters[0], parameters[2]]), new AdamW.ParamGroup([parameters[1]])]);
        optim.Optimizer.StateDictionary state = optimizer.state_dict();
        Assert.Equal([[0, 1], [2]], state.StateIndexRef);
        Assert.Equal([2L, 4L, 3L], state.State.Select(entry => ((AdamW.State)entry).exp_avg.numel()));
        Steps(optimizer, parameters, 0, 1);
        Assert.All(state.State, entry => Assert.Equal(1, ((AdamW.State)entry).step));
    }

    [Fact]
    public void Foreign_or_mismatched_state_is_refused()
    {
        Parameter[] parameters = [Samples.FloatParameter(1, 4)];
        using var stream = new MemoryStream();
        using (OptimizerHelper adam = Make("Adam", parameters))
            adam.save_state_dict(new BinaryWriter(stream));
        using OptimizerHelper other = Make("AdamW", parameters);
        stream.Position = 0;
        Assert.Throws<InvalidDataException>(() => other.load_state_dict(new BinaryReader(stream)));

        using OptimizerHelper larger = Make("Adam", [parameters[0], Samples.FloatParameter(2, 4)]);
        stream.Position = 0;
        Assert.Throws<ArgumentException>(() => larger.load_state_dict(new BinaryReader(stream)));

        using OptimizerHelper reshaped = Make("Adam", [Samples.FloatParameter(2, 5)]);
        stream.Position = 0;
        Assert.Throws<ArgumentException>(() => reshaped.load_state_dict(new BinaryReader(stream)));
    }

    [Fact]
    public void State_outlives_the_scope_it_was_made_in()
    {
        Parameter[] parameters = [Samples.FloatParameter(1, 4)];
        OptimizerHelper optimizer;
        using (NewDisposeScope())
        {
            optimizer = Make("SGD momentum", parameters);
            Steps(optimizer, parameters, 0, 1);
        }

        Steps(optimizer, parameters, 1, 2);
        Assert.False(((SGD.State)optimizer.state_dict().State[0]).momentum_buffer!.IsInvalid);
        optimizer.Dispose();
    }

    [Fact]
    public void Disposing_the_optimizer_frees_its_state_only()
    {
        Parameter[] parameters = [Samples.FloatParameter(1, 4)];
        OptimizerHelper optimizer = Make("AdamW", parameters);
        var state = (AdamW.State)optimizer.state_dict().State[0];
        optimizer.Dispose();
        Assert.True(state.exp_avg.IsInvalid && state.exp_avg_sq.IsInvalid);
        Assert.False(parameters[0].IsInvalid);
    }

    private static OptimizerHelper Make(string kind, IEnumerable<Parameter> parameters) => kind switch
    {
        "AdamW" => optim.AdamW(parameters, 0.01, weight_decay: 0.1),
        "AdamW amsgrad" => optim.AdamW(parameters, 0.01, weight_decay: 0.1, amsgrad: true),
        "Adam" => optim.Adam(parameters, 0.01),
        "SGD" => optim.SGD(parameters, 0.01),
        "SGD momentum" => optim.SGD(parameters, 0.01, momentum: 0.9, nesterov: true),
        _ => throw new ArgumentOutOfRangeException(nameof(kind)),
    };

    private static void Steps(OptimizerHelper optimizer, Parameter[] parameters, int from, int to)
    {
        for (int step = from; step < to; step++)
        {
            for (int i = 0; i < parameters.Length; i++)
            {
                using Tensor grad = Samples.Floats(1000 + 10 * step + i, parameters[i].shape);
                parameters[i].grad = grad;
            }

            optimizer.step();
        }
    }
}
