using System.Text.Json;
using Reasoning.Models;
using Reasoning.Models.Devices;
using Reasoning.Models.Generation;
using Reasoning.Models.Policies;
using Reasoning.Models.Prompts;
using Reasoning.Rewards.Vote;
using Reasoning.Trainer.Learning;
using Reasoning.Trainer.Loop;
using Reasoning.Trainer.Methods;
using Reasoning.Trainer.Recipes;
using Reasoning.Trainer.RewardRules;
using Reasoning.Trainer.Runs;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Reasoning.Trainer.Tests.Loop;

/// <summary>Co-rewarding: a teacher that follows, answers on its own, and labels.</summary>
public sealed class TeacherVoteTests
{
    private static readonly Prompt[] s_prompts = [new("a", "Take 1 and 2", "1"), new("b", "Take 3 and 4", "2")];
    private static readonly Recipe s_recipe = new Recipe
    {
        Objective = Grpo.Declaration,
        Reward = RewardKind.TeacherVote,
        MaxNewTokens = 16,
        SamplesPerPrompt = 8,
        Steps = 10,
        Truncated = TruncatedKind.Keep,
    }.With(new PolicyGradientSettings { KlCoefficient = 0 }).With(new GateSettings { LabelShare = 0, LabelMargin = 0 })
        .With(new TeacherSettings { TeacherSamples = 5, TeacherRate = 0.25, TeacherFinalRate = 0.05 });

    [Fact]
    public void The_label_is_the_vote_of_the_teachers_own_answers()
    {
        using Learner learner = Start(s_recipe);
        using var judge = new Judge(s_recipe, learner.Policy, _ => { }, learner);
        PromptGroup[] groups = Judged(judge, learner, s_recipe, out Meter meter);

        // At the start the teacher is the policy; its answers are those with the numbers after the policy's.
        var options = new SamplingOptions { MaxNewTokens = 16, Seed = s_recipe.Seed, Step = 1 };
        double labelled = 0, right = 0, disagreeing = 0;
        foreach (PromptGroup group in groups)
        {
            Rollout[] answers = learner.Policy.Generator.Generate([learner.Policy.Request(group.Prompt, 5, firstSample: 8)], options)[0];
            Sample[] teachers = [.. answers.Select(rollout => new Sample(rollout, learner.Policy.Text(rollout)))];
            VoteResult vote = MajorityVote.Vote([.. teachers.Select(sample => new Ballot(sample.Extraction.Answer, sample.IsTruncated))]);
            bool isClear = vote.WinnerClass >= 0 && !vote.Tie;
            labelled += isClear ? 1 : 0;
            right += isClear && vote.Winner == group.Prompt.Answer ? 1 : 0;
            disagreeing += isClear && vote.Winner != group.Vote!.Winner ? 1 : 0;
            Assert.Equal(
                group.Samples.Select(sample => isClear && sample.IsAnswered && sample.Extraction.Answer == vote.Winner ? 1.0 : 0),
                group.Samples.Select(sample => sample.Reward));
        }

        Assert.True(labelled > 0);
        Assert.Equal(labelled / 2, meter[TeacherVoteReward.LabelledShare]);
        Assert.Equal(right / labelled, meter[TeacherVoteReward.LabelAccuracy]);
        Assert.Equal(disagreeing / labelled, meter[TeacherVoteReward.Disagreement]);
        meter.Dispose();
    }

    [Fact]
    public void Whatever_the_policy_says_a_teacher_without_a_clear_vote_gives_advantages_of_exactly_zero()
    {
        using Learner learner = Start(s_recipe);
        using var judge = new Judge(s_recipe, learner.Policy, _ => { }, learner);
        using (no_grad())
        using (NewDisposeScope())
        {
            foreach ((_, Tensor values) in judge.Tensors) values.zero_(); // all tokens alike: no box is ever closed
        }

        PromptGroup[] groups = Judged(judge, learner, s_recipe, out Meter meter);
        Assert.Equal(0, meter[TeacherVoteReward.LabelledShare]);
        Assert.Contains(groups, group => group.Vote!.Winner is not null);
        Assert.All(groups.SelectMany(group => group.Samples), sample => Assert.Equal((0.0, 0.0), (sample.Reward, sample.Advantage)));
        Assert.All(groups, group => Assert.True(group.IsFlat));
        meter.Dispose();
    }

    [Fact]
    public void The_teacher_follows_at_the_rate_of_the_step()
    {
        var settings = s_recipe.Of<TeacherSettings>();
        Assert.Equal(0.25, TeacherVoteReward.Rate(settings, 1, 10), 12);
        Assert.Equal(0.15, TeacherVoteReward.Rate(settings, 6, 10), 12);
        Assert.Equal(0.05, TeacherVoteReward.Rate(settings, 11, 10), 12);
        Assert.Equal(0.05, TeacherVoteReward.Rate(settings, 12, 10), 12);

        using Learner learner = Start(s_recipe);
        using var judge = new Judge(s_recipe, learner.Policy, _ => { }, learner);
        Parameter parameter = learner.Parameters[0].Parameter;
        float[] start = Floats.Of(parameter);
        using (no_grad()) parameter.AddInPlace(1);
        judge.EndStep(1);
        judge.EndStep(2);

        (string name, Tensor teacher) = judge.Tensors[0];
        double left = (1 - TeacherVoteReward.Rate(settings, 2, 10)) * (1 - TeacherVoteReward.Rate(settings, 3, 10));
        Assert.Equal($"teacher.{learner.Parameters[0].Name}", name);
        Assert.Equal(start.Select(value => value + (1 - left)), Floats.Of(teacher).Select(value => (double)value), (a, b) => Math.Abs(a - b) < 1e-5);
    }

    [Fact]
    public void Rates_too_small_for_sixteen_bits_move_the_teacher_of_a_sixteen_bit_model()
    {
        Recipe recipe = (s_recipe with { Weights = WeightsKind.Bfloat16 }).With(new TeacherSettings { TeacherRate = 1e-5, TeacherFinalRate = 1e-5 });
        using Learner learner = Start(recipe);
        using var judge = new Judge(recipe, learner.Policy, _ => { }, learner);
        Tensor teacher = judge.Tensors[0].Values;
        Assert.Equal(ScalarType.Float32, teacher.dtype);
        float[] start = Floats.Of(teacher);
        using (no_grad()) learner.Parameters[0].Parameter.AddInPlace(1);
        judge.EndStep(1);
        Assert.All(Floats.Of(teacher).Zip(start), pair => Assert.InRange(pair.First - pair.Second, 8e-6, 1.2e-5));
    }

    [Fact]
    public void The_policy_comes_back_bit_for_bit_also_when_someone_stops_the_teacher()
    {
        using Learner learner = Start(s_recipe);
        using var judge = new Judge(s_recipe, learner.Policy, _ => { }, learner);
        using (no_grad()) learner.Parameters[0].Parameter.AddInPlace(0.01);
        float[][] policy = Values(learner), teacher = [.. judge.Tensors.Select(pair => Floats.Of(pair.Values))];
        IReadOnlyList<PromptGroup> groups = GenerateSamples.From(learner.Policy, s_prompts, s_recipe, 1, null, default);

        using var cancel = new CancellationTokenSource();
        cancel.Cancel();
        Assert.ThrowsAny<OperationCanceledException>(() => judge.SampleMore(groups, 1, cancel.Token));
        Assert.Equal(policy, Values(learner));
        judge.SampleMore(groups, 1, default);
        Assert.Equal(policy, Values(learner));
        Assert.Equal(teacher, judge.Tensors.Select(pair => Floats.Of(pair.Values)));

        static float[][] Values(Learner learner) => [.. learner.Parameters.Select(pair => Floats.Of(pair.Parameter))];
    }

    [Fact]
    public void A_run_names_its_teacher_and_logs_where_it_disagrees()
    {
        using var folder = new TempFolder();
        Cli run = Cli.Train(folder, "co-rewarding", "run", "--steps", "2", "--set", "eval-samples=0", "--set", "updates-per-rollout=2");
        Assert.True(run.ExitCode == 0, run.Error);
        Assert.Contains("teacher   an average of what learns", run.Error);
        foreach (string line in File.ReadLines(RunFolder.Open(folder.File("run")).MetricsFile))
        {
            using JsonDocument step = JsonDocument.Parse(line);
            Assert.InRange(step.RootElement.GetProperty(TeacherVoteReward.LabelledShare).GetDouble(), 0, 1);
        }
    }

    private static Learner Start(Recipe recipe) => Learner.Start(Policy.Load(TinyModel.Folder), recipe, TinyModel.Folder);

    private static PromptGroup[] Judged(Judge judge, Learner learner, Recipe recipe, out Meter meter)
    {
        PromptGroup[] groups = [.. GenerateSamples.From(learner.Policy, s_prompts, recipe, step: 1, null, default)];
        judge.SampleMore(groups, 1, default);
        judge.Score(groups, 1);
        Advantage.Assign(groups, recipe);
        meter = new Meter();
        judge.Measure(meter, groups);
        return groups;
    }
}
