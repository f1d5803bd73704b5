// Judges a configuration with Traefik's own parts: its HTTP provider fetches and decodes it, its router matches paths against
// the rules, and its middleware strips the prefixes. Reads one JSON text {endpoint, headers, paths} a line, answers each with a
// line: {error}, or {answers} with the service of each path and the path that it receives.
package main

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"time"

	ptypes "github.com/traefik/paerser/types"
	"github.com/traefik/traefik/v3/pkg/config/dynamic"
	"github.com/traefik/traefik/v3/pkg/middlewares/stripprefix"
	muxer "github.com/traefik/traefik/v3/pkg/muxer/http"
	provider "github.com/traefik/traefik/v3/pkg/provider/http"
	"github.com/traefik/traefik/v3/pkg/safe"
)

type question struct {
	Endpoint string            `json:"endpoint"`
	Headers  map[string]string `json:"headers"`
	Paths    []string          `json:"paths"`
}

type answer struct {
	Service      string                       `json:"service"`
	Path         string                       `json:"path"`
	LoadBalancer *dynamic.ServersLoadBalancer `json:"loadBalancer"`
}

func main() {
	lines := bufio.NewScanner(os.Stdin)
	lines.Buffer(nil, 64<<20)
	out := json.NewEncoder(os.Stdout)
	for lines.Scan() {
		answers, err := judge(lines.Bytes())
		if err != nil {
			_ = out.Encode(map[string]string{"error": err.Error()})
		} else {
			_ = out.Encode(map[string][]*answer{"answers": answers})
		}
	}
}

func judge(text []byte) ([]*answer, error) {
	var asked question
	if err := json.Unmarshal(text, &asked); err != nil {
		return nil, err
	}
	configuration, err := provide(asked)
	if err != nil {
		return nil, err
	}
	router, err := route(configuration)
	if err != nil {
		return nil, err
	}
	var answers []*answer
	for _, path := range asked.Paths {
		recorder := httptest.NewRecorder()
		request, err := http.NewRequest(http.MethodGet, "http://traefik.example.com"+path, http.NoBody)
		if err != nil {
			return nil, err
		}
		request.RequestURI = request.URL.RequestURI()
		router.ServeHTTP(recorder, request)
		var found *answer
		if recorder.Code == http.StatusOK {
			if err := json.Unmarshal(recorder.Body.Bytes(), &found); err != nil {
				return nil, err
			}
		}
		answers = append(answers, found)
	}
	return answers, nil
}

// provide lets Traefik's provider fetch the configuration once.
func provide(asked question) (*dynamic.Configuration, error) {
	source := provider.Provider{}
	source.SetDefaults()
	source.Endpoint, source.Headers = asked.Endpoint, asked.Headers
	source.PollInterval = ptypes.Duration(time.Hour)
	if err := source.Init(); err != nil {
		return nil, err
	}
	pool := safe.NewPool(context.Background())
	defer pool.Stop()
	messages := make(chan dynamic.Message)
	if err := source.Provide(messages, pool); err != nil {
		return nil, err
	}
	select {
	case message := <-messages:
		return message.Configuration, nil
	case <-time.After(10 * time.Second):
		return nil, fmt.Errorf("the provider took nothing from %s in 10 s", asked.Endpoint)
	}
}

func route(configuration *dynamic.Configuration) (http.Handler, error) {
	syntax, err := muxer.NewSyntaxParser()
	if err != nil {
		return nil, err
	}
	router := muxer.NewMuxer(syntax)
	for name, rule := range configuration.HTTP.Routers {
		service := configuration.HTTP.Services[rule.Service]
		if service == nil || service.LoadBalancer == nil {
			return nil, fmt.Errorf("the router %s has no service %s", name, rule.Service)
		}
		handler := echo(rule.Service, service.LoadBalancer)
		for index := len(rule.Middlewares) - 1; index >= 0; index-- {
			middleware := configuration.HTTP.Middlewares[rule.Middlewares[index]]
			if middleware == nil || middleware.StripPrefix == nil {
				return nil, fmt.Errorf("the router %s has no middleware %s", name, rule.Middlewares[index])
			}
			if handler, err = stripprefix.New(context.Background(), handler, *middleware.StripPrefix, name); err != nil {
				return nil, err
			}
		}
		priority := rule.Priority
		if priority == 0 {
			priority = muxer.GetRulePriority(rule.Rule)
		}
		if err := router.AddRoute(rule.Rule, rule.RuleSyntax, priority, handler); err != nil {
			return nil, err
		}
	}
	return router, nil
}

func echo(service string, balancer *dynamic.ServersLoadBalancer) http.Handler {
	return http.HandlerFunc(func(response http.ResponseWriter, request *http.Request) {
		_ = json.NewEncoder(response).Encode(answer{service, request.RequestURI, balancer})
	})
}
