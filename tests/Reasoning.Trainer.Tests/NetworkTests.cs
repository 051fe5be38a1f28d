using System.Reflection;
using Reasoning.Eval;
using Reasoning.Grading;
using Reasoning.Models.Policies;
using Reasoning.Rewards.Novelty;
using Reasoning.Trainer.Commands;
using Reasoning.Trainer.Hub;
using Reasoning.Trainer.Recipes;

namespace Reasoning.Trainer.Tests;

/// <summary>Everything works from local files: the only code that can open a connection is the embedding endpoint a recipe may ask for, and pull.</summary>
public sealed class NetworkTests
{
    [Fact]
    public void Only_the_embedding_endpoint_and_pull_refer_to_the_network()
    {
        Assert.Empty(Network(typeof(Policy).Assembly));
        Assert.Empty(Network(typeof(Grader).Assembly));
        Assert.Empty(Network(typeof(Evaluator).Assembly));
        Assert.All(Users(typeof(Recipe).Assembly), user => Assert.Equal(typeof(HubClient).Namespace, user.Namespace)); // it names the endpoint's constructor, nothing more
        Assert.Contains(typeof(HubClient), Users(typeof(Recipe).Assembly));
        Assert.Equal([typeof(PullCommand)], typeof(Recipe).Assembly.GetTypes().Where(type => !type.IsNested && type.Namespace != typeof(HubClient).Namespace && Makes(type)));
        Assert.Equal([typeof(EndpointEmbedding)], Users(typeof(EndpointEmbedding).Assembly));
    }

    /// <summary>Whether code of a type makes a client of the hub.</summary>
    private static bool Makes(Type type) => type.GetNestedTypes(FolderTests.All).Append(type)
        .SelectMany(inner => inner.GetMethods(FolderTests.All).Select(method => (method, inner)))
        .Any(pair => FolderTests.Named(pair.method, pair.inner).Any(member => member is ConstructorInfo && member.DeclaringType == typeof(HubClient)));

    private static Type[] Users(Assembly assembly) => [.. assembly.GetTypes().Where(type => !type.IsNested && Members(type).Any(IsNetwork))];

    private static string[] Network(Assembly assembly) =>
        [.. assembly.GetReferencedAssemblies().Select(name => name.Name!).Where(name => name.StartsWith("System.Net", StringComparison.Ordinal))];

    private static IEnumerable<Type> Members(Type type)
    {
        const BindingFlags All = BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.Instance | BindingFlags.Static | BindingFlags.DeclaredOnly;
        return type.GetFields(All).Select(field => field.FieldType)
            .Concat(type.GetMethods(All).SelectMany(method => method.GetParameters().Select(parameter => parameter.ParameterType)))
            .Concat(type.GetMethods(All).SelectMany(method => method.GetMethodBody()?.LocalVariables.Select(local => local.LocalType) ?? []));
    }

    private static bool IsNetwork(Type type) => type.Namespace?.StartsWith("System.Net", StringComparison.Ordinal) == true;
}
