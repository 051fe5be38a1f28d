using Reasoning.Models.Prompts;
using Reasoning.Trainer.Loop;
using Reasoning.Trainer.Recipes;

namespace Reasoning.Trainer.Tests.Loop;

public sealed class DrawPromptsTests
{
    private static readonly Prompt[] s_prompts = [.. Enumerable.Range(0, 12).Select(i => new Prompt($"p{i}", "text"))];

    [Fact]
    public void An_epoch_takes_every_prompt_once_and_the_next_one_in_another_order()
    {
        string[] first = Ids(1, 3), second = Ids(4, 3);

        Assert.Equal(12, first.Distinct().Count());
        Assert.Equal(first.Order(), second.Order());
        Assert.NotEqual(first, second);
    }

    [Fact]
    public void A_step_depends_on_seed_and_step_alone()
    {
        Assert.Equal(Draw(7, seed: 1), Draw(7, seed: 1));
        Assert.NotEqual(Draw(7, seed: 1), Draw(7, seed: 2));
    }

    [Theory]
    [InlineData(5)]
    [InlineData(8)]
    [InlineData(12)]
    [InlineData(100)]
    public void No_prompt_stands_twice_in_a_step(int perStep)
    {
        for (int step = 1; step <= 20; step++)
        {
            IReadOnlyList<Prompt> drawn = DrawPrompts.For(s_prompts, perStep, 1, step);
            Assert.Equal(Math.Min(perStep, 12), drawn.Count);
            Assert.Equal(drawn.Count, drawn.Distinct().Count());
        }
    }

    [Fact]
    public void The_order_of_the_file_goes_round_and_leaves_none_out()
    {
        string[] ids = [.. Enumerable.Range(1, 4).SelectMany(step => DrawPrompts.For(s_prompts, 5, 1, step, PromptOrderKind.File)).Select(prompt => prompt.Id)];

        Assert.Equal(Enumerable.Range(0, 20).Select(i => $"p{i % 12}"), ids);
    }

    private static string[] Ids(int firstStep, int steps) =>
        [.. Enumerable.Range(firstStep, steps).SelectMany(step => Draw(step, seed: 1))];

    private static string[] Draw(int step, ulong seed) => [.. DrawPrompts.For(s_prompts, 4, seed, step).Select(prompt => prompt.Id)];
}
