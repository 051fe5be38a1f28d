namespace Reasoning.Trainer.Recipes;

/// <summary>What other programs call our settings, so that a message can name ours. Dashes and underscores are alike, and case does not matter.</summary>
/// <remarks>TRL: GRPOConfig and peft's LoraConfig; verl: the last parts of its dotted names; transformers: TrainingArguments and GenerationConfig.</remarks>
internal static class OtherNames
{
    // Our setting, then what TRL, verl, transformers and others say.
    private static readonly string[][] s_table =
    [
        ["learning-rate", "lr", "actor-lr", "optim-lr"],
        ["prompts-per-step", "batch-size", "train-batch-size", "per-device-train-batch-size", "generation-batch-size", "ppo-mini-batch-size"],
        ["samples-per-prompt", "num-generations", "n", "rollout-n", "group-size", "num-return-sequences", "num-samples"],
        ["max-new-tokens", "max-completion-length", "max-response-length", "response-length", "max-tokens", "max-length"],
        ["steps", "max-steps", "total-training-steps", "num-train-epochs", "total-epochs", "epochs", "num-steps"],
        ["micro-batch-tokens", "micro-batch-size", "ppo-micro-batch-size-per-gpu", "ppo-max-token-len-per-gpu", "gradient-accumulation-steps"],
        ["updates-per-rollout", "num-iterations", "ppo-epochs", "steps-per-generation"],
        ["kl-coefficient", "beta", "kl-coef", "kl-loss-coef", "kl-penalty", "init-kl-coef"],
        ["clip-low", "epsilon", "cliprange", "clip-range", "clip-ratio", "clip-ratio-low", "clip-eps"],
        ["clip-high", "epsilon-high", "clip-ratio-high"],
        ["dual-clip", "clip-ratio-c", "delta"],
        ["entropy-coefficient", "entropy-coeff", "entropy-coef", "ent-coef"],
        ["advantage", "adv-estimator", "advantage-estimator", "scale-rewards", "norm-adv-by-std-in-grpo"],
        ["aggregation", "loss-agg-mode", "loss-type"],
        ["truncated", "mask-truncated-completions", "overlong-filter"],
        ["overlong-buffer", "overlong-buffer-len"],
        ["overlong-factor", "penalty-factor"],
        ["schedule", "lr-scheduler-type", "lr-scheduler", "lr-warmup-style", "warmup-style"],
        ["warmup-share", "warmup-ratio", "warmup-steps", "lr-warmup-steps", "lr-warmup-steps-ratio"],
        ["max-grad-norm", "grad-clip", "gradient-clipping", "clip-grad"],
        ["optimizer", "optim"],
        ["beta1", "adam-beta1"],
        ["beta2", "adam-beta2"],
        ["lora-rank", "lora-r", "r", "rank"],
        ["lora-targets", "target-modules", "lora-target-modules"],
        ["trainable", "use-peft", "use-lora", "peft", "lora"],
        ["weights", "bf16", "fp16", "dtype", "torch-dtype", "precision"],
        ["gradient-checkpointing", "enable-gradient-checkpointing", "activation-checkpointing"],
        ["checkpoint-every", "save-steps", "save-freq", "save-interval"],
        ["keep-checkpoints", "save-total-limit", "max-actor-ckpt-to-keep"],
        ["log-samples-every", "log-completions", "num-completions-to-print"],
        ["eval-samples", "val-n", "num-eval-samples"],
        ["eval-temperature", "val-temperature"],
        ["prompt-order", "shuffle", "shuffle-dataset"],
        ["reward", "reward-funcs", "reward-fn", "reward-model"],
        ["objective", "loss", "algorithm", "algo"],
        ["prompt-style", "chat-template", "apply-chat-template"],
        ["tensorboard", "report-to", "logger"],
        ["top-entropy-share", "top-entropy-quantile"],
    ];

    /// <summary>Every name, with our setting.</summary>
    public static IEnumerable<(string Name, string Setting)> All => s_table.SelectMany(row => row.Skip(1).Select(name => (name, row[0])));

    // Our option, then what others say; for settings see above.
    private static readonly string[][] s_options =
    [
        ["--prompts", "data", "dataset", "dataset-name", "train-file", "train-files", "input", "problems-file"],
        ["--heldout", "eval-dataset", "eval-data", "eval-file", "val-files", "validation-file", "test-file"],
        ["--model", "model-name-or-path", "model-path", "model-name", "checkpoint", "pretrained", "base-model"],
        ["--out", "output", "output-dir", "output-file", "save-path", "save-dir", "default-local-dir", "run-dir"],
        ["--device", "gpu", "cuda", "device-map", "use-gpu"],
        ["--samples", "n", "num-samples", "num-return-sequences"],
        ["--resume", "resume-from-checkpoint", "continue"],
        ["--set", "override", "config"],
    ];

    /// <summary>Every name of an option, with ours.</summary>
    public static IEnumerable<(string Name, string Option)> AllOptions => s_options.SelectMany(row => row.Skip(1).Select(name => (name, row[0])));

    /// <summary>Our option of a name; null where no other program that we know of has it.</summary>
    public static string? Option(string name) => AllOptions.FirstOrDefault(pair => pair.Name == Word(name)).Option;

    /// <summary>Our setting of a name, also where it is ours but for its dashes; null where no program that we know of has it.</summary>
    public static string? Find(string name)
    {
        string word = Word(name);
        return Recipes.Setting.All.FirstOrDefault(setting => setting.Name == word)?.Name ?? All.FirstOrDefault(pair => pair.Name == word).Setting;
    }

    private static string Word(string name) => name.TrimStart('-').Split('.', '/')[^1].Replace('_', '-').ToLowerInvariant();
}
