using Reasoning.Llama;
using Reasoning.Trainer.Training;

namespace Reasoning.Trainer.Tests;

public sealed class PublicSurfaceTests
{
    [Fact]
    public void The_public_surface_of_the_second_engine_is_as_stored() => PublicSurface.Match(typeof(LlamaEngine).Assembly);

    [Fact]
    public void The_public_surface_of_the_trainer_is_as_stored() => PublicSurface.Match(typeof(Adaptation).Assembly, without: "Reasoning.Trainer.Starter"); // only for pretrain
}
