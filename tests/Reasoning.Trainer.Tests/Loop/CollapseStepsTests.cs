using Reasoning.Trainer.Loop;

namespace Reasoning.Trainer.Tests.Loop;

public sealed class CollapseStepsTests
{
    [Fact]
    public void A_run_that_stays_has_no_step()
    {
        CollapseSteps found = CollapseSteps.Of(Steps(30, _ => (0.5, 0.8, 0.6, 0.2)));
        Assert.Equal(new CollapseSteps(30, null, null, null, IsGraded: true), found);
        Assert.Equal("none in 30 steps", found.ToString());
        Assert.Equal("turn of accuracy 11", CollapseSteps.Of(Steps(20, step => (step <= 10 ? 0.4 + (0.02 * step) : 0.6 - (0.05 * (step - 10)), 0.8, 0.6, 0.2))).ToString());
    }

    [Fact]
    public void The_turn_is_the_last_step_of_the_best_five_and_needs_a_fifth_lost()
    {
        // Rises to step 10, then falls by 0.05 a step: the means of five are highest at steps 6–10 … and at 80 % some steps later.
        static double Correct(int step) => step <= 10 ? 0.4 + (0.02 * step) : 0.6 - (0.05 * (step - 10));
        Assert.Equal(11, CollapseSteps.Of(Steps(20, step => (Correct(step), 0.8, 0.6, 0.2))).Turn);
        Assert.Null(CollapseSteps.Of(Steps(13, step => (Correct(step), 0.8, 0.6, 0.2))).Turn);
    }

    [Fact]
    public void Reward_accuracy_counts_over_five_steps()
    {
        Assert.Equal(14, CollapseSteps.Of(Steps(20, step => (0.5, step < 10 ? 0.8 : 0.001, 0.6, 0.2))).Accuracy);
        Assert.Null(CollapseSteps.Of(Steps(12, step => (0.5, step < 10 ? 0.8 : 0.001, 0.6, 0.2))).Accuracy);
    }

    [Fact]
    public void The_alarm_needs_one_voice_and_one_answer()
    {
        Assert.Null(CollapseSteps.Of(Steps(9, step => (0.5, 0.8, step < 7 ? 0.6 : 0.97, 0.2))).Alarm);
        Assert.Equal(7, CollapseSteps.Of(Steps(9, step => (0.5, 0.8, step < 7 ? 0.6 : 0.97, step < 7 ? 0.2 : 0.7))).Alarm);
        Assert.Null(CollapseSteps.Of(Steps(9, step => (0.5, 0.8, 0.6, step < 7 ? 0.2 : 0.7))).Alarm);
    }

    private static IEnumerable<IReadOnlyDictionary<string, double>> Steps(int count, Func<int, (double Correct, double Rewards, double Vote, double Common)> values) =>
        Enumerable.Range(1, count).Select(values).Select(step => new Dictionary<string, double>
        {
            ["correct_share"] = step.Correct,
            ["reward_accuracy"] = step.Rewards,
            ["vote_share"] = step.Vote,
            ["common_answer_share"] = step.Common,
            ["answer_tokens"] = 80,
            ["repetition"] = 0.1,
        });
}
