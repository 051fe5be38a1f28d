using Reasoning.Models.Policies;
using Reasoning.Trainer.Learning;
using Reasoning.Trainer.Recipes;

namespace Reasoning.Trainer.RewardRules;

/// <summary>A reward that this program can give.</summary>
/// <param name="Name">The word for it in recipes (<c>reward</c>).</param>
/// <param name="Summary">What an answer is worth, in one sentence.</param>
/// <param name="Source">Paper and section.</param>
/// <param name="Create">Makes it for one run.</param>
internal sealed record RewardDeclaration(string Name, string Summary, string Source, Func<RewardContext, RewardRule> Create)
    : Reward(Name, Summary, Source);

/// <summary>What a reward gets when a run begins.</summary>
/// <param name="Recipe">All settings.</param>
/// <param name="Policy">The model that samples and learns.</param>
/// <param name="Notice">Told, in one line, when the reward changes its meaning in mid-run.</param>
/// <param name="Learner">What learns, still at the start; null where nobody does.</param>
internal sealed record RewardContext(Recipe Recipe, Policy Policy, Action<string> Notice, Learner? Learner = null);
