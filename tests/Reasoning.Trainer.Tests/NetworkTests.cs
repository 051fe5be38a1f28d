using System.Reflection;
using Reasoning.Eval;
using Reasoning.Grading;
using Reasoning.Models.Policies;
using Reasoning.Rewards.Novelty;
using Reasoning.Trainer.Commands;
using Reasoning.Trainer.Hub;
using Reasoning.Trainer.Loop;
using Reasoning.Trainer.Network;
using Reasoning.Trainer.Recipes;
using Reasoning.Trainer.Servers;

namespace Reasoning.Trainer.Tests;

/// <summary>Everything works from local files: what can open a connection is the embedding endpoint and the server of answers that a person may ask for, and pull.</summary>
public sealed class NetworkTests
{
    [Fact]
    public void Only_what_a_person_asks_for_refers_to_the_network()
    {
        Assert.Empty(Network(typeof(Policy).Assembly));
        Assert.Empty(Network(typeof(Grader).Assembly));
        Assert.Empty(Network(typeof(Evaluator).Assembly));
        string?[] places = [typeof(HubClient).Namespace, typeof(InferenceServer).Namespace, typeof(Patience).Namespace];
        Assert.All(Users(typeof(Recipe).Assembly), user => Assert.Contains(user.Namespace, places)); // it names the endpoint's constructor, nothing more
        Assert.Contains(typeof(HubClient), Users(typeof(Recipe).Assembly));
        Assert.Equal([typeof(PullCommand)], Makers(member => member is ConstructorInfo && member.DeclaringType == typeof(HubClient)));
        Assert.Equal([typeof(ServedRollouts), typeof(ServerOptions)], Makers(member => member.Name == nameof(InferenceServer.Open) && member.DeclaringType == typeof(InferenceServer)).OrderBy(type => type.Name));
        Assert.Equal([typeof(EndpointEmbedding)], Users(typeof(EndpointEmbedding).Assembly));
    }

    /// <summary>Types outside its own folder whose code does something.</summary>
    private static IEnumerable<Type> Makers(Func<MemberInfo, bool> makes) => typeof(Recipe).Assembly.GetTypes()
        .Where(type => !type.IsNested && type.Namespace != typeof(HubClient).Namespace && type.Namespace != typeof(InferenceServer).Namespace)
        .Where(type => type.GetNestedTypes(CompiledCode.All).Append(type)
            .SelectMany(inner => inner.GetMethods(CompiledCode.All).Select(method => (method, inner)))
            .Any(pair => CompiledCode.Named(pair.method, pair.inner).Any(makes)));

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
