using Reasoning.Models.Policies;
using Reasoning.Models.Prompts;
using Reasoning.Trainer.Learning;
using Reasoning.Trainer.Loop;
using Reasoning.Trainer.Measures;
using Reasoning.Trainer.Recipes;
using static TorchSharp.torch;

namespace Reasoning.Trainer.Tests.Loop;

public sealed class ProbeTests
{
    private static readonly string s_model = Repository.Path("checkpoints/starter");

    [Fact]
    public void Answers_agree_with_those_of_the_start_until_the_model_is_another_one()
    {
        using var policy = Policy.Load(s_model);
        Probe probe = Probe.Start(policy, Prompts(), new Recipe { MaxNewTokens = 100 }, default)!;
        Assert.InRange(Measured(probe)[Metrics.ProbeAgreement]!.Value, 0.85, 1.15);
        Assert.Null(Measured(probe, asks: false)[Metrics.ProbeAgreement]);
        using (no_grad())
        using (NewDisposeScope())
        {
            // A number in a sum becomes another one: few tokens of an answer, but those that decide it.
            Tensor weight_VD = policy.Model.HeadWeight, digits_N = tensor(new long[] { Digit('3'), Digit('7') }), turned_N = digits_N.flip(0);
            weight_VD.index_copy_(0, digits_N, weight_VD.index_select(0, turned_N));
        }

        Meter after = Measured(probe);
        Assert.InRange(after[Metrics.ProbeAgreement]!.Value, 0, 0.6);

        long Digit(char digit) => policy.Tokenizer.Encode($"{digit}").Single();
    }

    [Fact]
    public void Nothing_is_answered_where_the_rule_is_off_and_nothing_measured_where_the_start_does_not_agree_with_itself()
    {
        using var policy = Policy.Load(s_model);
        Assert.Null(Measured(Probe.Start(policy, Prompts(), new Recipe { GuardAgreement = 0 }, default)!)[Metrics.ProbeAgreement]);
        Assert.Null(Measured(Probe.Start(policy, Prompts(), new Recipe { Guard = false }, default)!)[Metrics.ProbeAgreement]);
        Assert.Null(Measured(Probe.Start(policy, Prompts(), new Recipe { MaxNewTokens = 5 }, default)!)[Metrics.ProbeAgreement]); // no answer ends
        Assert.Null(Probe.Start(policy, Prompts(), new Recipe { GuardProbe = 0 }, default));
    }

    [Fact]
    public void A_model_answers_now_and_then_and_before_a_checkpoint() =>
        Assert.Equal([4, 7, 8, 12, 14], Enumerable.Range(1, 15).Where(step => Probe.Asks(new Recipe { CheckpointEvery = 7 }, step)));

    private static IReadOnlyList<Prompt> Prompts() => [.. PromptSet.Load(Repository.Path("data/shifted.jsonl")).Prompts.Take(64)];

    private static Meter Measured(Probe probe, bool asks = true)
    {
        var meter = new Meter();
        probe.Measure(meter, asks);
        return meter;
    }
}
