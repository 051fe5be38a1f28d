using Reasoning.Trainer.Checkpoints;
using Reasoning.Trainer.Learning;
using Reasoning.Trainer.Loop;
using Reasoning.Trainer.Measures;
using Reasoning.Trainer.Methods;
using Reasoning.Trainer.Recipes;

namespace Reasoning.Trainer.Tests.Loop;

public sealed class GuardTests
{
    [Theory]
    [InlineData("unanswered_share", 0.9, "unanswered")]
    [InlineData("entropy", 0.0001, "entropy-low")]
    [InlineData("entropy", 5, "entropy-high")]
    [InlineData("vote_share", 0.05, "vote-share")]
    [InlineData("predictor_deviation", 0.5, "predictor")]
    public void A_rule_that_holds_for_two_steps_stops_the_run(string name, double value, string rule)
    {
        Metric metric = Catalogue.Current.Metrics.Single(known => known.Name == name);
        var guard = new Guard(new Recipe(), new GuardState());

        Assert.Null(guard.Watch(Healthy()));
        Assert.Null(guard.Watch(Healthy(metric, value)));
        Assert.StartsWith($"rule {rule}:", guard.Watch(Healthy(metric, value)));
    }

    [Fact]
    public void One_bad_step_between_good_ones_is_no_collapse()
    {
        var guard = new Guard(new Recipe(), new GuardState());
        for (int i = 0; i < 5; i++)
        {
            Assert.Null(guard.Watch(Healthy()));
            Assert.Null(guard.Watch(Healthy(Metrics.UnansweredShare, 1)));
        }
    }

    [Fact]
    public void The_state_carries_over_a_restart()
    {
        var state = new GuardState();
        new Guard(new Recipe(), state).Watch(Healthy());
        new Guard(new Recipe(), state).Watch(Healthy(Metrics.UnansweredShare, 1));
        Assert.NotNull(new Guard(new Recipe(), state).Watch(Healthy(Metrics.UnansweredShare, 1)));
    }

    [Fact]
    public void A_guard_that_is_switched_off_says_nothing()
    {
        var guard = new Guard(new Recipe { Guard = false }, new GuardState());
        for (int i = 0; i < 4; i++) Assert.Null(guard.Watch(Healthy(ZeroSiam.PredictorDeviation, 100)));
    }

    private static Meter Healthy(Metric? metric = null, double value = 0)
    {
        var meter = new Meter();
        meter.Set(Metrics.UnansweredShare, 0.1);
        meter.Set(Metrics.Entropy, 0.2);
        meter.Set(Metrics.VoteShare, 0.6);
        meter.Set(ZeroSiam.PredictorDeviation, 0.01);
        if (metric is not null) meter.Set(metric, value);
        return meter;
    }
}
