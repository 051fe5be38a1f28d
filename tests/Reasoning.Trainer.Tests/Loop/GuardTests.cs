using Reasoning.Trainer.Checkpoints;
using Reasoning.Trainer.Loop;
using Reasoning.Trainer.Measures;
using Reasoning.Trainer.Methods;
using Reasoning.Trainer.Recipes;

namespace Reasoning.Trainer.Tests.Loop;

public sealed class GuardTests
{
    [Theory]
    [InlineData("probe_distance", 1.5, "distance")]
    [InlineData("unanswered_share", 0.9, "unanswered")]
    [InlineData("entropy", 0.0001, "entropy-low")]
    [InlineData("entropy", 5, "entropy-high")]
    [InlineData("vote_share", 0.05, "vote-share")]
    [InlineData("predictor_deviation", 0.5, "predictor")]
    public void A_rule_that_holds_for_two_steps_is_an_alarm(string name, double value, string rule)
    {
        var guard = new Guard(Zerosiam(), new GuardState());

        Assert.Null(guard.Watch(Healthy()));
        Assert.Null(guard.Watch(Healthy((name, value))));
        Assert.StartsWith($"rule {rule}:", guard.Watch(Healthy((name, value))));
    }

    [Fact]
    public void Answers_that_are_others_than_at_the_start_are_an_alarm_at_once()
    {
        var guard = new Guard(new Recipe(), new GuardState());
        Assert.Null(guard.Watch(Healthy(("probe_agreement", 0.7))));
        Assert.Equal("rule agreement: answers equal the start model's 0.4 times as often as its own do, at or below 0.6", guard.Watch(Healthy(("probe_agreement", 0.4))));
        Assert.Null(new Guard(new Recipe { GuardAgreement = 0 }, new GuardState()).Watch(Healthy(("probe_agreement", 0))));
    }

    [Theory]
    [InlineData("common_answer_share", 0.7)]
    [InlineData("answer_tokens", 35)]
    [InlineData("repetition", 0.3)]
    public void One_voice_needs_a_unanimous_vote_and_a_second_sign(string name, double value)
    {
        var guard = new Guard(new Recipe { GuardLength = 3 }, new GuardState());
        Assert.Null(guard.Watch(Healthy()));
        for (int i = 0; i < 3; i++) Assert.Null(guard.Watch(Healthy((name, value))));
        for (int i = 0; i < 3; i++) Assert.Null(guard.Watch(Healthy(("vote_share", 0.99))));
        guard.Watch(Healthy((name, value), ("vote_share", 0.99)));
        Assert.StartsWith("rule one-voice:", guard.Watch(Healthy((name, value), ("vote_share", 0.99))));
    }

    [Fact]
    public void One_bad_step_between_good_ones_is_no_alarm()
    {
        var guard = new Guard(new Recipe(), new GuardState());
        for (int i = 0; i < 5; i++)
        {
            Assert.Null(guard.Watch(Healthy()));
            Assert.Null(guard.Watch(Healthy(("unanswered_share", 1))));
        }
    }

    [Fact]
    public void The_state_carries_over_a_restart()
    {
        var state = new GuardState();
        new Guard(new Recipe(), state).Watch(Healthy());
        new Guard(new Recipe(), state).Watch(Healthy(("unanswered_share", 1)));
        Assert.NotNull(new Guard(new Recipe(), state).Watch(Healthy(("unanswered_share", 1))));
    }

    [Fact]
    public void A_step_half_way_to_a_limit_is_not_a_good_one()
    {
        var state = new GuardState();
        var guard = new Guard(new Recipe(), state);
        guard.Watch(Healthy());
        Assert.True(state.IsCalm);
        guard.Watch(Healthy(("unanswered_share", 0.1 + (new Recipe().GuardUnanswered * 0.6))));
        Assert.False(state.IsCalm);
        guard.Watch(Healthy());
        Assert.True(state.IsCalm);
        guard.Watch(Healthy(("probe_distance", new Recipe().GuardDistance * 0.3)));
        Assert.False(state.IsCalm);
        guard.Watch(Healthy());
        guard.Watch(Healthy(("probe_agreement", 0.7)));
        Assert.False(state.IsCalm);
        guard.Watch(Healthy(("probe_agreement", null))); // not measured in this step
        Assert.False(state.IsCalm);
        guard.Watch(Healthy(("probe_agreement", 0.9)));
        Assert.True(state.IsCalm);
    }

    [Fact]
    public void A_guard_that_is_switched_off_says_nothing()
    {
        var guard = new Guard(new Recipe { Guard = false }, new GuardState());
        for (int i = 0; i < 4; i++) Assert.Null(guard.Watch(Healthy(("unanswered_share", 100))));
    }

    private static Recipe Zerosiam() => new() { Objective = ZeroSiam.Declaration };

    private static Func<Metric, double?> Healthy(params (string Name, double? Value)[] others)
    {
        var values = new Dictionary<string, double?>
        {
            ["unanswered_share"] = 0.1,
            ["entropy"] = 0.2,
            ["vote_share"] = 0.6,
            ["common_answer_share"] = 0.2,
            ["answer_tokens"] = 80,
            ["repetition"] = 0.1,
            ["probe_distance"] = 0.01,
            ["probe_agreement"] = 0.8,
            ["predictor_deviation"] = 0.01,
        };
        foreach ((string name, double? value) in others) values[name] = value;
        return metric => values.GetValueOrDefault(metric.Name);
    }
}
