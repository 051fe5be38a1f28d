using System.Globalization;
using System.Net;
using System.Net.Http.Headers;

namespace Reasoning.Trainer.Network;

/// <summary>How long to wait for a server, and how often to ask it again.</summary>
internal sealed record Patience
{
    /// <summary>How often a request that failed in a way that may pass is made again.</summary>
    public int Retries { get; init; } = 5;

    /// <summary>How long a server may say nothing.</summary>
    public TimeSpan Silence { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>The pause before the first repetition; each following one is twice as long.</summary>
    public TimeSpan Pause { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>The longest pause that a server may ask for with Retry-After; one that asks for more has refused.</summary>
    public TimeSpan LongestPause { get; init; } = TimeSpan.FromMinutes(5);

    /// <summary>Most bytes of a JSON answer.</summary>
    public long MostJson { get; init; } = 1L << 26;

    /// <summary>
    /// Does something again while it fails in a way that may pass. Pauses are up to a quarter longer at random, so that requests that failed
    /// together do not come back together.
    /// </summary>
    /// <param name="request">What to do.</param>
    /// <param name="failure">From what happened, and how often, to the exception that ends it.</param>
    /// <param name="cancel">Ends it.</param>
    public async Task<T> Repeat<T>(Func<Task<T>> request, Func<string, Exception> failure, CancellationToken cancel)
    {
        for (int attempt = 0; ; attempt++)
        {
            try
            {
                return await request();
            }
            catch (RetryException e) when (attempt < Retries && e.Wait <= LongestPause)
            {
                TimeSpan pause = Pause * Math.Pow(2, attempt);
                await Task.Delay((e.Wait > pause ? e.Wait : pause) * (1 + (System.Random.Shared.NextDouble() / 4)), cancel);
            }
            catch (RetryException e)
            {
                throw failure(string.Create(CultureInfo.InvariantCulture, $"{e.Message}, {attempt + 1} times"));
            }
        }
    }

    /// <summary>Runs one exchange with a server that must not be silent for too long.</summary>
    /// <param name="uri">What is asked.</param>
    /// <param name="exchange">Asks and waits.</param>
    /// <param name="cancel">Ends it.</param>
    /// <exception cref="RetryException">It was silent, or the connection broke.</exception>
    public async Task<T> Exchange<T>(Uri uri, Func<CancellationToken, Task<T>> exchange, CancellationToken cancel)
    {
        using var silence = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        silence.CancelAfter(Silence);
        try
        {
            return await exchange(silence.Token);
        }
        catch (OperationCanceledException) when (!cancel.IsCancellationRequested)
        {
            throw new RetryException($"{Address.Show(uri)}: said nothing for {Silence.TotalSeconds:0.#} s");
        }
        catch (Exception e) when (e is HttpRequestException or IOException or InvalidDataException)
        {
            throw new RetryException($"{Address.Show(uri)}: {e.InnerException?.Message ?? e.Message}");
        }
    }
}

/// <summary>A server failed in a way that may pass.</summary>
/// <param name="message">What it did.</param>
/// <param name="wait">How long it asks to be left alone; null where it does not ask.</param>
internal sealed class RetryException(string message, TimeSpan? wait = null) : Exception(message)
{
    public TimeSpan Wait { get; } = wait ?? TimeSpan.Zero;

    /// <summary>What an answer says of a failure that may pass; null where it is not one.</summary>
    public static RetryException? Of(Uri uri, HttpResponseMessage response)
    {
        if (response.StatusCode is not (HttpStatusCode.RequestTimeout or HttpStatusCode.TooManyRequests or >= HttpStatusCode.InternalServerError)) return null;
        RetryConditionHeaderValue? after = response.Headers.RetryAfter;
        return new RetryException($"{Address.Show(uri)}: answered {(int)response.StatusCode}", after?.Delta ?? (after?.Date - DateTimeOffset.UtcNow));
    }
}
