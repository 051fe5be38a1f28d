using Reasoning.Models.Devices;
using Reasoning.Trainer.Learning;
using Reasoning.Trainer.Recipes;
using Reasoning.Trainer.Tests.Methods;

namespace Reasoning.Trainer.Tests.Loop;

public sealed class StartValuesTests
{
    [Theory]
    [InlineData("sar", 0, true)]
    [InlineData("eata", 0, true)]
    [InlineData("cotta", 0, true)]
    [InlineData("eta", 0, false)]
    [InlineData("zerosiam", 0, false)]
    [InlineData("zerosiam", 2, true)]
    public void The_start_is_kept_once_and_only_where_it_may_be_needed(string objective, int episodeSteps, bool isKept)
    {
        var method = (MethodDeclaration)Catalogue.Shipped.Objectives.First(declared => declared.Name == objective);
        using var fixture = new MethodFixture(
            new Recipe { Objective = method, Trainable = TrainableKind.Norms, EpisodeSteps = episodeSteps, LearningRate = 0.01 });
        float[][] start = [.. fixture.Learner.Learning.Select(parameter => Floats.Of(parameter))];
        fixture.Step(1);
        float[][] kept = [.. fixture.Learner.StartValues.Select(Floats.Of)];

        Assert.Equal(isKept ? start : [], kept);
        Assert.NotEqual(start, fixture.Learner.Learning.Select(parameter => Floats.Of(parameter)));
    }
}
