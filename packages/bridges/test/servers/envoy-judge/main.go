// Judges Envoy's discovery answers, and other messages that say their type, by Envoy's own definitions. Reads one JSON text a
// line, answers each with a line: "ok", or what is wrong. A field that the definitions don't have is wrong, and so is a value that their rules refuse.
package main

import (
	"bufio"
	"errors"
	"fmt"
	"os"
	"strings"

	_ "github.com/envoyproxy/go-control-plane/envoy/config/bootstrap/v3"
	_ "github.com/envoyproxy/go-control-plane/envoy/config/cluster/v3"
	_ "github.com/envoyproxy/go-control-plane/envoy/config/endpoint/v3"
	_ "github.com/envoyproxy/go-control-plane/envoy/config/route/v3"
	_ "github.com/envoyproxy/go-control-plane/envoy/extensions/filters/http/router/v3"
	_ "github.com/envoyproxy/go-control-plane/envoy/extensions/filters/network/http_connection_manager/v3"
	_ "github.com/envoyproxy/go-control-plane/envoy/extensions/transport_sockets/tls/v3"

	discovery "github.com/envoyproxy/go-control-plane/envoy/service/discovery/v3"
	"google.golang.org/protobuf/encoding/protojson"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protoreflect"
	"google.golang.org/protobuf/types/known/anypb"
)

type validated interface{ ValidateAll() error }

func main() {
	lines := bufio.NewScanner(os.Stdin)
	lines.Buffer(nil, 64<<20)
	for lines.Scan() {
		if err := judge(lines.Bytes()); err != nil {
			fmt.Println(strings.ReplaceAll(err.Error(), "\n", " "))
		} else {
			fmt.Println("ok")
		}
	}
}

func judge(text []byte) error {
	var packed anypb.Any
	if err := protojson.Unmarshal(text, &packed); err == nil && packed.TypeUrl != "" {
		return judgeAny(&packed)
	}
	var answer discovery.DiscoveryResponse
	if err := (protojson.UnmarshalOptions{DiscardUnknown: false}).Unmarshal(text, &answer); err != nil {
		return err
	}
	if answer.VersionInfo == "" || answer.TypeUrl == "" {
		return errors.New("version_info or type_url is missing")
	}
	if err := answer.ValidateAll(); err != nil {
		return err
	}
	for _, resource := range answer.Resources {
		if resource.TypeUrl != answer.TypeUrl {
			return fmt.Errorf("a resource of type %s in an answer of type %s", resource.TypeUrl, answer.TypeUrl)
		}
		if err := judgeAny(resource); err != nil {
			return err
		}
	}
	return nil
}

// judgeAny validates a packed message and what is packed inside it, which the generated rules don't look into.
func judgeAny(packed *anypb.Any) error {
	message, err := packed.UnmarshalNew()
	if err != nil {
		return err
	}
	if checked, ok := message.(validated); ok {
		if err := checked.ValidateAll(); err != nil {
			return err
		}
	}
	return judgeInside(message)
}

func judgeInside(message proto.Message) error {
	var found error
	visit := func(value protoreflect.Message) {
		inner := value.Interface()
		if packed, ok := inner.(*anypb.Any); ok {
			found = errors.Join(found, judgeAny(packed))
		} else {
			found = errors.Join(found, judgeInside(inner))
		}
	}
	message.ProtoReflect().Range(func(field protoreflect.FieldDescriptor, value protoreflect.Value) bool {
		switch {
		case field.IsMap():
			if field.MapValue().Message() != nil {
				value.Map().Range(func(_ protoreflect.MapKey, entry protoreflect.Value) bool {
					visit(entry.Message())
					return true
				})
			}
		case field.Message() == nil:
		case field.IsList():
			for index := 0; index < value.List().Len(); index++ {
				visit(value.List().Get(index).Message())
			}
		default:
			visit(value.Message())
		}
		return true
	})
	return found
}
